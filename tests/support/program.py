"""Runs the program, for the scripts in tests/experiments."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def attn(program, *words):
    """Returns the program's standard output. Exits the script if the program fails."""
    command = [str(program), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def settings(options):
    """Returns {path: value} as --set options. The value None removes an option from the config."""
    words = []
    for path, value in options.items():
        words += ["--set", f"{path}={value if isinstance(value, pathlib.Path) else json.dumps(value)}"]
    return words


def resume_or_overwrite(run):
    """Returns the option of attn train that resumes the run if it has a checkpoint, else the one that starts it."""
    return "--resume" if (run / "last").exists() else "--overwrite"
