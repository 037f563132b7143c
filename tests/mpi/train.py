#!/usr/bin/env python3
"""Tests attn train with several processes: equal results, resuming on another number of processes, and failures.

    train.py ATTN [ROUNDS]    ATTN must be built with -DATTN_MPI=ON; ROUNDS: interrupted runs (default 20)

Exits with 77, which ctest reports as skipped, if attn was built without MPI or there is no mpirun.
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

PROCESSES = ((1, 1), (1, 2), (2, 1), (2, 2), (4, 1), (4, 2))  # and threads of each
UPDATES = 60
TIMEOUT = 120  # seconds after which a command counts as hung
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
BASE = {
    "model": {"embedding_size": 24, "hidden_size": 32, "dropout": {"embedding": 0.2, "output": 0.2}},
    "data": {"tokenizer": "word", "source_vocabulary_size": 200, "target_vocabulary_size": 200},
    "train": {"batch_type": "sentences", "batch_size": 16, "shards": 8, "max_updates": UPDATES, "valid_every": 20,
              "log_every": 10, "bucket_size": 100},
}
CONFIGS = {  # changes of BASE
    "recurrent": {"train": {"ema_decay": 0.9, "gradient_accumulation": 2, "clip_norm": 0.5}},
    "self-attention": {"model": {"encoder": {"type": "transformer", "layers": 2, "heads": 2, "feed_forward_size": 32},
                                 "dropout": {"layer": 0.1}}},
    "streaming": {"data": {"max_memory_mib": 1}, "train": {"optimizer": "sgd"}},
}


def check(condition, what):
    if not condition:
        sys.exit(f"train.py: failed: {what}")


def merged(a, b):
    return {**a, **{k: merged(a.get(k, {}), v) if isinstance(v, dict) else v for k, v in b.items()}}


def write_text(folder, name, pairs, words):
    rng = random.Random(name)
    lines = [[rng.randrange(words) for _ in range(rng.randint(1, 9))] for _ in range(pairs)]
    (folder / f"{name}.s").write_text("".join(" ".join(f"s{w}" for w in line) + "\n" for line in lines))
    (folder / f"{name}.t").write_text("".join(" ".join(f"t{w}" for w in reversed(line)) + "\n" for line in lines))


class Setup:
    def __init__(self, attn, folder):
        self.attn, self.folder = attn, folder
        write_text(folder, "train", 600, 90)
        write_text(folder, "large", 40000, 90)  # more than 1 MiB
        write_text(folder, "valid", 40, 90)
        for name, changes in CONFIGS.items():
            text = "large" if name == "streaming" else "train"
            files = {"train_source": f"{text}.s", "train_target": f"{text}.t", "valid_source": "valid.s",
                     "valid_target": "valid.t"}
            self.write(name, merged(merged(BASE, changes), {"data": files}))

    def write(self, name, config):
        (self.folder / f"{name}.json").write_text(json.dumps(config))

    def command(self, processes, config, run, *arguments):
        launcher = ["mpirun", "--oversubscribe", "-n", str(processes)] if processes > 1 else []
        return [*launcher, self.attn, "train", "--config", str(self.folder / f"{config}.json"), "--set",
                f"train.run_dir={self.folder / run}", *arguments]

    def start(self, *arguments, **options):
        return subprocess.Popen(self.command(*arguments), env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **options)

    def train(self, *arguments, fails=False):
        """Returns what the command prints."""
        begin = time.time()
        try:
            result = subprocess.run(self.command(*arguments), env=ENVIRONMENT, text=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, timeout=TIMEOUT)
        except subprocess.TimeoutExpired as error:
            sys.exit(f"train.py: failed: {arguments}: hangs\n{(error.stdout or b'').decode()}")
        check((result.returncode != 0) == fails, f"{arguments}: exit code {result.returncode}\n{result.stdout}")
        check(not fails or time.time() - begin < 30, f"{arguments}: an error ends all processes within seconds")
        return result.stdout


def tensors(path):
    """Returns the bytes of each tensor of a safetensors file."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {name: data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]] for name, t in header.items()
            if name != "__metadata__"}


def result_of(run):
    """Returns what must not depend on the number of processes: all tensors, and metrics without times."""
    metrics = []
    for line in (run / "metrics.jsonl").read_text().splitlines():
        event = json.loads(line)
        metrics.append({k: v for k, v in event.items() if not k.startswith("seconds") and "per_second" not in k})
    samples = (run / "samples.jsonl").read_text()
    return [tensors(run / f) for f in ("resume.safetensors", "last/model.safetensors", "best/model.safetensors")], metrics, samples


def test_equal_results(setup):
    for config in CONFIGS:
        expected = None
        for processes, threads in PROCESSES:
            run = f"{config}-{processes}-{threads}"
            setup.train(processes, config, run, "--set", f"train.threads={threads}")
            found = result_of(setup.folder / run)
            expected = expected or found
            check(found == expected, f"{run}: other results than one process")
    reading = "recurrent-every"
    setup.train(2, "recurrent", reading, "--set", "data.read_by=every_process")
    check(result_of(setup.folder / reading) == result_of(setup.folder / "recurrent-1-1"), "data.read_by")


def test_bfloat16(setup):
    output = setup.train(2, "recurrent", "bfloat16", "--set", "train.communication=bfloat16")
    check("depend on the number of processes" in output, f"bfloat16 is reported: {output}")
    check(result_of(setup.folder / "bfloat16") != result_of(setup.folder / "recurrent-1-1"), "bfloat16 rounds")


def children(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def interrupt(setup, rng, config, run, processes, seconds, *arguments):
    """Starts or continues a run and disturbs it at a random time within `seconds`. Returns its exit code."""
    running = setup.start(processes, config, run, "--resume=auto", "--set", "train.threads=1", *arguments)
    time.sleep(rng.uniform(0.2, seconds))
    kind = rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1))
    try:
        victims = children(running.pid) if processes > 1 else [running.pid]
        victims = [p for p in victims if "attn" in pathlib.Path(f"/proc/{p}/comm").read_text()]
        if victims:
            os.kill(rng.choice(victims), kind)
    except OSError:
        pass  # it has ended
    try:
        running.communicate(timeout=TIMEOUT)
        return running.returncode
    except subprocess.TimeoutExpired:
        sys.exit(f"train.py: failed: {processes} processes hang after {kind.name}")


def test_interruptions(setup, rounds):
    """Runs that are interrupted, and continued by other numbers of processes, have the bits of an uninterrupted one."""
    rng = random.Random(5)
    arguments = ("--set", "train.max_updates=1200", "--set", "train.valid_every=100")
    expected, seconds = {}, {}
    for config in CONFIGS:
        begin = time.time()
        setup.train(2, config, f"{config}-long", "--set", "train.threads=1", *arguments)
        expected[config], seconds[config] = result_of(setup.folder / f"{config}-long"), time.time() - begin
    hits = 0
    for number in range(rounds):
        config = rng.choice(list(CONFIGS))
        run = setup.folder / f"interrupted-{number}"
        for _ in range(3):
            code = interrupt(setup, rng, config, run.name, rng.choice((1, 2, 4)), seconds[config], *arguments)
            if code == 0:
                break
            hits += 1
        setup.train(rng.choice((1, 2, 4)), config, run.name, "--resume=auto", "--set", "train.threads=1", *arguments)
        check(result_of(run) == expected[config], f"round {number}: other weights, metrics or samples")
        shutil.rmtree(run)
    check(hits >= rounds / 4, f"only {hits} processes were interrupted in {rounds} rounds")
    print(f"{rounds} runs, interrupted {hits} times, have the bits of an uninterrupted one")


def test_save_request(setup):
    run = setup.folder / "saved"
    running = setup.start(2, "recurrent", "saved", "--set", "train.max_updates=100000", "--set", "train.valid_every=100000")
    deadline = time.time() + 60
    while not (run / "metrics.jsonl").exists() or not (run / "metrics.jsonl").read_text():
        check(time.time() < deadline and running.poll() is None, "training begins")
        time.sleep(0.1)
    os.kill(children(running.pid)[1], signal.SIGUSR1)
    while not (run / "last").exists():
        check(time.time() < deadline, "SIGUSR1 saves")
        time.sleep(0.1)
    check(running.poll() is None, "SIGUSR1 does not end the training")
    os.kill(children(running.pid)[1], signal.SIGTERM)
    output = running.communicate(timeout=60)[0]
    check(running.returncode == 143 and "interrupted after update" in output, f"SIGTERM: {running.returncode}\n{output}")
    check(json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["reason"] == "interrupted", "the last event")


def test_errors(setup):
    def refused(part, *arguments):
        output = setup.train(*arguments, fails=True)
        errors = [line for line in output.splitlines() if "error: " in line]
        check(len(errors) == 1 and part in errors[0], f"{arguments}: one error with {part!r}:\n{output}")

    refused("start 1, 2, 4, 8 of them, or raise train.shards", 3, "recurrent", "refused")
    refused("start 1, 2 of them", 4, "recurrent", "refused", "--set", "train.shards=6")
    refused("no_such_option", 2, "recurrent", "refused", "--set", "train.no_such_option=1")
    refused("--no-such-flag", 2, "recurrent", "refused", "--no-such-flag")
    refused("nothing.s", 2, "recurrent", "refused", "--set", "data.train_source=/nothing.s")
    refused("no checkpoint to resume from", 2, "recurrent", "refused", "--resume")
    (setup.folder / "bad.s").write_bytes(b"s1 s2\n" * 300 + b"\xff\n" + b"s1\n" * 299)
    best = setup.folder / "recurrent-1-1" / "best"
    setup.write("bad", {**BASE, "data": {"source_tokenizer": str(best / "source.spm"), "train_source": "bad.s",
                                         "target_tokenizer": str(best / "target.spm"), "train_target": "train.t"}})
    refused("bad.s", 4, "bad", "refused")
    check(not (setup.folder / "refused").exists(), "a refused training writes nothing")
    refused("is not a finite number", 4, "recurrent", "diverges", "--set", "train.learning_rate=1e30", "--set",
            "train.clip_norm=0", "--set", "train.optimizer=sgd")


def test_unconnected(setup):
    """Processes that MPI does not connect must not all train in one directory."""
    environment = {**os.environ, "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"}
    command = setup.command(1, "recurrent", "unconnected")
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    check(result.returncode == 1 and result.stderr == "", f"the second process says nothing: {result.stderr}")
    environment.update({"SLURM_PROCID": "0", "PMI_RANK": "0", "PMI_SIZE": "2"})  # as srun --mpi=pmi2 does
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    check(result.returncode == 1 and "srun --mpi=pmix" in result.stderr, f"srun without MPI: {result.stderr}")
    check(not (setup.folder / "unconnected").exists(), "nothing is written")


def test_old_run_survives(setup):
    """A training that is refused in any process leaves the run in whose place it would start."""
    old = setup.folder / "old"
    setup.train(1, "recurrent", "old")
    before = {f: f.read_bytes() for f in old.rglob("*") if f.is_file()}
    wrapper = setup.folder / "in-folder.sh"
    wrapper.write_text(f'#!/bin/sh\ncd {setup.folder}/rank$OMPI_COMM_WORLD_RANK && exec "$@"\n')
    wrapper.chmod(0o755)
    text = (setup.folder / "train.s").read_text()
    for rank in (0, 1):
        (setup.folder / f"rank{rank}").mkdir()
        (setup.folder / f"rank{rank}" / "t.s").write_text(text)
    for changed, part in ((text.replace("s1 ", "s2 ", 1), "rank 1 has other texts than rank 0"), (None, "cannot open")):
        (setup.folder / "rank1" / "t.s").unlink()
        if changed:
            (setup.folder / "rank1" / "t.s").write_text(changed)
        command = setup.command(2, "recurrent", "old", "--overwrite", "--set", "data.read_by=every_process", "--set",
                                "data.train_source=/proc/self/cwd/t.s")
        command.insert(command.index(setup.attn), str(wrapper))
        result = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=TIMEOUT)
        errors = [line for line in result.stdout.splitlines() if "error: " in line]
        check(result.returncode != 0 and len(errors) == 1 and part in errors[0], f"{part}: {result.stdout}")
        check({f: f.read_bytes() for f in old.rglob("*") if f.is_file()} == before, f"{part}: the old run is unchanged")


def test_other_commands(setup):
    environment = {**os.environ, "SLURM_CPUS_PER_TASK": "1"}
    output = subprocess.run(setup.command(1, "recurrent", "slurm"), env=environment, capture_output=True, text=True).stderr
    check(", 1 thread, " in output, f"SLURM_CPUS_PER_TASK: {output}")
    config = setup.folder / "recurrent.json"
    command = ["mpirun", "--oversubscribe", "-n", "2", setup.attn, "bench", "--config", config, "--seconds", "0.3", "--json"]
    bench = json.loads(subprocess.run(list(map(str, command)), env=ENVIRONMENT, check=True, stdout=subprocess.PIPE).stdout)
    check(bench["processes"] == 2 and bench["communication"]["bytes_per_update"] > 100000 and
          0 < bench["communication"]["fraction"] < 1, f"bench: {bench}")
    output = subprocess.run([setup.attn, "check", "--config", config, "--set", "train.run_dir=none"], check=True, stdout=subprocess.PIPE, text=True).stdout
    check(re.search(r"8 machines would each send up to [\d.]+ MB", output) and "Gbit/s on" in output, f"check: {output}")
    command = ["mpirun", "--oversubscribe", "-n", "2", setup.attn, "translate", "--model",
               setup.folder / "recurrent-1-1" / "best", "--input", setup.folder / "valid.s", "--output", setup.folder / "both"]
    result = subprocess.run(list(map(str, command)), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(result.returncode != 0 and result.stdout.count("would all write the same file") == 1 and
          not (setup.folder / "both").exists(), f"translate in two processes: {result.stdout}")


def test_lost_process(setup):
    """A process that no longer answers ends the training with a message."""
    running = setup.start(2, "recurrent", "lost", "--set", "train.max_updates=1000000", "--set", "train.process_timeout=3")
    deadline = time.time() + 60
    metrics = setup.folder / "lost" / "metrics.jsonl"
    while not metrics.exists() or not metrics.read_text():
        check(time.time() < deadline, "training begins")
        time.sleep(0.1)
    victim = children(running.pid)[1]
    os.kill(victim, signal.SIGSTOP)
    try:
        output = running.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        sys.exit("train.py: failed: a stopped process makes the others hang")
    finally:
        try:
            os.kill(victim, signal.SIGKILL)
        except OSError:
            pass
    check(running.returncode != 0 and output.count("error: ") == 1 and "no message from rank 1 for 3 seconds" in output,
          f"a lost process: {output}")


def test_full_disk(setup):
    """A process that cannot write its part of the text ends all."""
    if os.geteuid() != 0:
        return
    disk = setup.folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode != 0:
        return
    try:
        script = setup.folder / "rank.sh"
        script.write_text(f'#!/bin/sh\n[ "$OMPI_COMM_WORLD_RANK" = 1 ] && export TMPDIR={disk}\nexec "$@"\n')
        script.chmod(0o755)
        command = setup.command(2, "streaming", "full")
        command.insert(command.index(setup.attn), str(script))
        result = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=TIMEOUT)
        errors = [line for line in result.stdout.splitlines() if "error: " in line]
        check(result.returncode != 0 and len(errors) == 1 and "[rank 1 on " in errors[0], f"a full disk: {result.stdout}")
    finally:
        subprocess.run(["umount", disk])


def main():
    attn = str(pathlib.Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    version = subprocess.run([attn, "--version"], capture_output=True, text=True).stdout
    if re.search(r"^processes +none$", version, re.M) or not shutil.which("mpirun"):
        print("skipped: attn was built without MPI, or mpirun is missing")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        setup = Setup(attn, pathlib.Path(name))
        test_equal_results(setup)
        test_bfloat16(setup)
        test_errors(setup)
        test_unconnected(setup)
        test_old_run_survives(setup)
        test_other_commands(setup)
        test_save_request(setup)
        test_lost_process(setup)
        test_full_disk(setup)
        test_interruptions(setup, rounds)
    print("train.py: all tests passed")


if __name__ == "__main__":
    main()
