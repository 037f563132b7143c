"""What the scripts that train and evaluate models share: how the program is run."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def attn(program, *words):
    """Its standard output; its error ends the script."""
    command = [str(program), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def settings(options):
    """{path: value} as --set; a value of None takes an option away."""
    words = []
    for path, value in options.items():
        words += ["--set", f"{path}={value if isinstance(value, pathlib.Path) else json.dumps(value)}"]
    return words


def go_on(run):
    """Of a training that may have been interrupted: the option that takes it up where it was."""
    return "--resume" if (run / "last").exists() else "--overwrite"
