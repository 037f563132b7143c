#!/usr/bin/env python3
"""Trains on several "machines" of this one: network namespaces that are connected by links of a given bandwidth and delay.

    hosts.py ATTN --hosts 4 --rate 1gbit --config CONFIG [--seconds N] [--set KEY=VALUE …]
        runs attn bench on all hosts and prints its JSON
    hosts.py ATTN --hosts 2 --rate 1gbit --delay 50 --config CONFIG …
        the same with 50 ms more for each round trip
    hosts.py ATTN --hosts 2 --cut 5 --config CONFIG …
        trains, and cuts the link of the last host after 5 seconds

Needs root, iproute2 (ip, tc), openssh (ssh, sshd) and Open MPI: mpirun starts its daemons by ssh, one in each namespace. All
hosts share the processors and the file system of this machine, so only communication is as on real ones.

Links are pairs of virtual Ethernet devices whose rate tc limits (tbf). Delay needs tc's netem, which many kernels lack, so with
--delay, the hosts are connected by a switch in this program (TAP devices), which limits the rate and delays the frames.
"""
import argparse
import collections
import fcntl
import multiprocessing
import os
import pathlib
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time

BRIDGE = "attnbr"


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, **options)


def bits_per_second(rate):
    for unit, factor in (("gbit", 1e9), ("mbit", 1e6)):
        if rate.endswith(unit):
            return float(rate[:-len(unit)]) * factor
    sys.exit(f"hosts.py: --rate must be a number of gbit or mbit, got {rate}")


class Switch:
    """Forwards Ethernet frames between TAP devices. The link of each host has a rate, and delays what it sends."""
    BROADCAST = b"\xff" * 6

    def __init__(self, count, rate, one_way):
        self.rate, self.one_way = bits_per_second(rate), one_way
        self.taps = []
        for i in range(count):
            tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH", f"attnv{i}".encode(), 0x1002))  # TUNSETIFF: TAP, no header
            self.taps.append(tap)

    def forward(self):
        ports = {}                                    # of each address
        free = collections.defaultdict(float)         # when each direction of each link is free
        waiting = collections.deque()                 # (time of arrival, device, frame); in order of sending
        while True:
            now = time.monotonic()
            while waiting and waiting[0][0] <= now:
                _, tap, frame = waiting.popleft()
                try:
                    os.write(tap, frame)
                except OSError:
                    pass                              # the link is down: the frame is lost
            pause = max(0, waiting[0][0] - now) if waiting else None
            for tap in select.select(self.taps, [], [], pause)[0]:
                frame = os.read(tap, 70000)
                ports[frame[6:12]] = tap
                known = ports.get(frame[:6])
                for to in [known] if known else [t for t in self.taps if t != tap]:
                    begin = max(time.monotonic(), free["out", tap], free["in", to])
                    end = begin + len(frame) * 8 / self.rate
                    free["out", tap] = free["in", to] = end
                    waiting.append((end + self.one_way, to, frame))


class Hosts:
    """Namespaces attn0, attn1, … with the addresses 10.99.0.1, 10.99.0.2, …"""

    def __init__(self, count, rate, delay, folder):
        self.count, self.folder, self.servers, self.switch = count, folder, [], None
        self.remove(count)
        for i in range(count):
            run("ip", "netns", "add", f"attn{i}")
        if delay > 0:
            self.connect_by_switch(rate, delay)
        else:
            self.connect_by_bridge(rate)
        for i in range(count):
            self.inside(i, "ip", "addr", "add", f"10.99.0.{i + 1}/24", "dev", "eth0")
            self.inside(i, "ip", "link", "set", "eth0", "up")
            self.inside(i, "ip", "link", "set", "lo", "up")
        self.start_servers()

    def connect_by_switch(self, rate, delay):
        switch = Switch(self.count, rate, delay / 2000)
        for i in range(self.count):
            # Large frames, so that Python can keep up.
            run("ip", "link", "set", f"attnv{i}", "mtu", 60000)
            run("ip", "link", "set", f"attnv{i}", "netns", f"attn{i}", "name", "eth0")
        self.switch = multiprocessing.Process(target=switch.forward, daemon=True)
        self.switch.start()

    def connect_by_bridge(self, rate):
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "link", "set", BRIDGE, "up")
        limit = ("root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms")
        for i in range(self.count):
            run("ip", "link", "add", f"attnv{i}", "type", "veth", "peer", "name", "eth0", "netns", f"attn{i}")
            run("ip", "link", "set", f"attnv{i}", "master", BRIDGE, "up")
            self.inside(i, "tc", "qdisc", "add", "dev", "eth0", *limit)      # both directions have the rate
            run("tc", "qdisc", "add", "dev", f"attnv{i}", *limit)

    @staticmethod
    def inside(i, *command, **options):
        return run("ip", "netns", "exec", f"attn{i}", *command, **options)

    def start_servers(self):
        key = self.folder / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        shutil.copy(f"{key}.pub", self.folder / "authorized_keys")
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        for i in range(self.count):
            self.servers.append(subprocess.Popen(
                ["ip", "netns", "exec", f"attn{i}", "/usr/sbin/sshd", "-D", "-f", "/dev/null", "-o", f"HostKey={key}", "-o",
                 f"AuthorizedKeysFile={self.folder}/authorized_keys", "-o", "StrictModes=no", "-o", "PermitRootLogin=yes",
                 "-o", f"PidFile={self.folder}/sshd{i}.pid"]))
        time.sleep(1)

    def mpirun(self, *command, **options):
        """Starts a command with one process on each host, from the first one."""
        agent = (f"ssh -q -i {self.folder}/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                 f"-o BatchMode=yes")
        hosts = ",".join(f"10.99.0.{i + 1}" for i in range(self.count))
        return subprocess.Popen(
            ["ip", "netns", "exec", "attn0", "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(self.count),
             "--host", hosts, "--map-by", "node", "--bind-to", "none",
             "--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "10.99.0.0/24",
             "--mca", "oob_tcp_if_include", "10.99.0.0/24",
             # mpirun notices a lost machine after 10 + 3 × 5 seconds instead of 300 + 9 × 20.
             "--mca", "oob_tcp_keepalive_time", "10", "--mca", "oob_tcp_keepalive_intvl", "5", "--mca",
             "oob_tcp_keepalive_probes", "3", *map(str, command)], text=True, **options)

    def remove(self, count):
        for i in range(max(count, 8)):
            subprocess.run(["ip", "netns", "del", f"attn{i}"], stderr=subprocess.DEVNULL)
            subprocess.run(["ip", "link", "del", f"attnv{i}"], stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "link", "del", BRIDGE], stderr=subprocess.DEVNULL)

    def cut(self, i):
        """Takes the link of a host down."""
        self.inside(i, "ip", "link", "set", "eth0", "down")

    def close(self):
        for server in self.servers:
            server.terminate()
        if self.switch:
            self.switch.terminate()
        self.remove(self.count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attn", type=pathlib.Path)
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--rate", default="1gbit")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--config", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", default="10")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--cut", type=float)
    arguments = parser.parse_args()
    settings = [part for value in arguments.set for part in ("--set", value)]
    attn = arguments.attn.resolve()
    with tempfile.TemporaryDirectory() as name:
        hosts = Hosts(arguments.hosts, arguments.rate, arguments.delay, pathlib.Path(name))
        try:
            if arguments.cut is None:
                process = hosts.mpirun(attn, "bench", "--config", arguments.config.resolve(), "--seconds", arguments.seconds,
                                       "--threads", 1, "--json", *settings)
                sys.exit(process.wait())
            begin = time.time()
            process = hosts.mpirun(attn, "train", "--config", arguments.config.resolve(), "--set", f"train.run_dir={name}/run",
                                   "--set", "train.threads=1", *settings)
            time.sleep(arguments.cut)
            hosts.cut(arguments.hosts - 1)
            cut = time.time()
            print(f"the link is cut after {cut - begin:.1f} s", flush=True)
            code = process.wait(timeout=900)
            left = subprocess.run(["pgrep", "-f", f"{attn} train"], stdout=subprocess.PIPE, text=True).stdout.split()
            print(f"mpirun ended {time.time() - cut:.1f} s later with exit code {code}; processes left: {len(left)}")
        finally:
            subprocess.run(["pkill", "-f", f"{attn} (train|bench)"])
            hosts.close()


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("hosts.py: needs root for network namespaces")
    main()
