"""Translates, aligns and scores with models of attn, through the library libattn.

    import attn
    model = attn.Model("en-fr.attn")
    print(model.translate("a sentence")["translation"])
"""
import ctypes
import ctypes.util
import json
import os
import struct

__all__ = ["Error", "Model", "version", "weights"]


class Error(Exception):
    """A model that cannot be loaded, or a request that cannot be answered."""


def _load():
    path = os.environ.get("ATTN_LIBRARY") or ctypes.util.find_library("attn") or "libattn.so.0"
    library = ctypes.CDLL(path)
    library.attn_open.argtypes, library.attn_open.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    library.attn_answer.argtypes, library.attn_answer.restype = [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_void_p
    library.attn_free.argtypes, library.attn_free.restype = [ctypes.c_void_p], None
    library.attn_close.argtypes, library.attn_close.restype = [ctypes.c_void_p], None
    library.attn_error.restype = library.attn_version.restype = ctypes.c_char_p
    return library


_library = _load()


def version():
    """Returns the version of the library."""
    return _library.attn_version().decode()


class Model:
    """A model directory, a packed file, or a run directory. Threads may share it."""

    def __init__(self, path, threads=0):
        self._model = _library.attn_open(os.fspath(path).encode(), threads)
        if not self._model:
            raise Error(_library.attn_error().decode())

    def answer(self, request):
        """Answers a request, a dictionary with the fields of JSON lines, by a dictionary."""
        if not self._model:
            raise Error("the model is closed")
        answer = _library.attn_answer(self._model, json.dumps(request).encode())
        if not answer:
            raise Error(_library.attn_error().decode())
        try:
            return json.loads(ctypes.string_at(answer))
        finally:
            _library.attn_free(answer)

    def translate(self, source, **options):
        """Translates a text; options are those of JSON lines, such as n_best=5."""
        return self.answer({"source": source, **options})

    def align(self, source, target):
        """Returns the word alignment of a given translation as "links"."""
        return self.answer({"task": "align", "source": source, "target": target})

    def score(self, source, target):
        """Returns the log-probability of a given translation as "log_prob"."""
        return self.answer({"task": "score", "source": source, "target": target})

    def close(self):
        """Releases the model."""
        model, self._model = self._model, None
        if model:
            _library.attn_close(model)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_model", None):
            self.close()


def weights(path):
    """Returns the weights of a model directory or packed file as numpy arrays, by name."""
    import numpy
    if os.path.isdir(path):
        path = os.path.join(path, "model.safetensors")
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    types = {"F32": "<f4", "F64": "<f8", "I8": "i1", "U8": "u1", "I64": "<i8"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and not name.endswith(".spm"):
            begin, end = entry["data_offsets"]
            tensors[name] = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
    scales = {name: tensors.pop(name) for name in list(tensors) if name.endswith(".scale") and
              tensors.get(name[:-len(".scale")], numpy.empty(0)).dtype == numpy.int8}
    return {name: tensor * scales[name + ".scale"][:, None] if name + ".scale" in scales else tensor
            for name, tensor in tensors.items()}
