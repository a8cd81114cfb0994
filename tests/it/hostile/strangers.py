"""Strangers at the link port, from an address of their own: bytes that are no TLS, handshakes that
never end, certificates of other people. Prints how many of its silent connections were kept."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile

HERE = ("127.0.0.2", 0)
JOIN = b"POST /link/v1/join HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


def connect(address):
    return socket.create_connection(address, timeout=5, source_address=HERE)


def say(address, data):
    """Says something and hears whatever comes back."""
    try:
        with connect(address) as stranger:
            stranger.sendall(data)
            stranger.shutdown(socket.SHUT_WR)
            return stranger.recv(4096)
    except OSError:
        return b""


def context(certificate=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if certificate:
        made.load_cert_chain(*certificate)
    return made


def tls(address, made, data):
    try:
        with made.wrap_socket(connect(address)) as stranger:
            stranger.sendall(data)
            return stranger.recv(4096)
    except (OSError, ssl.SSLError):
        return b""


def certificate(folder, kind):
    key, cert = os.path.join(folder, kind + ".key"), os.path.join(folder, kind + ".pem")
    argument = ["ed25519"] if kind == "ed25519" else ["rsa:2048"]
    command = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=x", "-newkey"] + argument
    subprocess.run(command + ["-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    address = (host, int(port))
    hello = bytes.fromhex("16030100f1010000ed0303") + os.urandom(32)
    for data in [b"", b"\0" * 100_000, b"GET / HTTP/1.1\r\n\r\n", os.urandom(65_536), hello,
                 b"\x16\x03\x01\xff\xff" + b"\1" * 65_535, b"\x80\x2e\x01\x03\x01"]:
        for _ in range(20):
            say(address, data)
    with tempfile.TemporaryDirectory() as folder:
        good = certificate(folder, "ed25519")
        answers = set()
        for made in [context(), context(certificate(folder, "rsa")), context(good)]:
            for data in [b"GET /link/v1/hello HTTP/1.1\r\nHost: x\r\n\r\n",
                         JOIN % 2 + b"{}", JOIN % 9 + b"[[[[[[[[[",
                         JOIN % 400_000 + b"[" * 400_000,
                         b"POST /link/v1/log HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
                         b"X: " + b"y" * 100_000]:
                answers.add(tls(address, made, data)[:12])
        bad = [answer for answer in answers if answer.startswith(b"HTTP/1.1 5")
               or answer.startswith(b"HTTP/1.1 2")]
        assert not bad, bad
    silent = []
    for _ in range(400):
        try:
            silent.append(connect(address))
        except OSError:
            pass
    kept = 0
    for stranger in silent:
        stranger.settimeout(0.05)
        try:
            kept += stranger.recv(1) != b""
        except TimeoutError:
            kept += 1
        except OSError:
            pass
        if kept > 64:
            break
    print(kept)
    sys.stdout.flush()
    sys.stdin.read()


main()
