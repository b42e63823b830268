"""Writes a wheel: FILE NAME VERSION BYTES, with a module that holds so many random bytes."""
import base64, hashlib, os, sys, zipfile

file, name, version, size = sys.argv[1:]
info = f"{name}-{version}.dist-info"
contents = {
    f"{name}/__init__.py": b"VERSION = " + repr(version).encode() + b"\n",
    f"{name}/payload.bin": os.urandom(int(size)),
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
    f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tiny-wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


def line(path, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


contents[f"{info}/RECORD"] = ("".join(line(path, data) for path, data in contents.items()) + f"{info}/RECORD,,\n").encode()
with zipfile.ZipFile(file, "w") as archive:
    for path, data in contents.items():
        archive.writestr(path, data)
