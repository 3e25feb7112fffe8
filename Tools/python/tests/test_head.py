import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from finetuner_cache import StoreError, load_head, nearest

try:
    import torch
except ImportError:
    torch = None


def safetensors(tensors, space="00"):
    header, data = {"__metadata__": {"finetuner-cache.space": space}}, b""
    for name, values in tensors.items():
        values = np.asarray(values, dtype="<f4")
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def layers(generator, widths, bias=False, normalizes_output=True):
    tensors = {}
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        tensors[f"head_layers.{3 * index}.weight"] = generator.normal(size=(outputs, inputs))
        if bias:
            tensors[f"head_layers.{3 * index}.bias"] = generator.normal(size=outputs)
        if normalizes_output or index < len(widths) - 2:
            after = f"head_layers.{3 * index + 1}."
            tensors[after + "weight"], tensors[after + "bias"] = generator.normal(size=(2, outputs))
            tensors[after + "running_mean"] = generator.normal(size=outputs)
            tensors[after + "running_var"] = generator.uniform(0.5, 2, size=outputs)
            tensors[after + "num_batches_tracked"] = np.float32(3)
    return tensors


class HeadTests(unittest.TestCase):
    def setUp(self):
        self.generator = np.random.default_rng(3)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def head(self, tensors):
        path = Path(self.folder.name) / "head.safetensors"
        path.write_bytes(safetensors(tensors))
        return load_head(self.folder.name)

    def test_shortcut_with_layers(self):
        tensors = layers(self.generator, [6, 6, 6, 4])
        tensors["shortcut.mean"], tensors["shortcut.projection"] = self.generator.normal(size=6), self.generator.normal(size=(4, 6))
        tensors["shortcut.residual_weight"] = np.float32(0.5)
        head, plain = self.head(tensors), None
        self.assertEqual((head.input_dimension, head.output_dimension, head.space), (6, 4, "00"))
        features = self.generator.normal(size=(5, 6)).astype(np.float32)
        unit = features / np.linalg.norm(features, axis=1, keepdims=True) - tensors["shortcut.mean"]
        plain = self.head({name: value for name, value in tensors.items() if name.startswith("head_layers")})
        expected = unit @ tensors["shortcut.projection"].T + 0.5 * plain(unit)
        np.testing.assert_allclose(head(features), expected, rtol=1e-4, atol=1e-4)

    def test_projection_alone_and_features_as_they_are(self):
        mean, projection = self.generator.normal(size=6), self.generator.normal(size=(4, 6))
        head = self.head({"shortcut.mean": mean, "shortcut.projection": projection, "shortcut.residual_weight": 1.0})
        features = self.generator.normal(size=(3, 6)).astype(np.float32)
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        np.testing.assert_allclose(head(features), (unit - mean) @ projection.T, rtol=1e-4, atol=1e-4)
        same = self.head({"pass_through.dimension": np.float32(6)})
        np.testing.assert_array_equal(same(features), features)

    @unittest.skipIf(torch is None, "needs torch")
    def test_pytorch_computes_the_same(self):
        for bias in [False, True]:
            for normalizes_output in [False, True]:
                head = self.head(layers(self.generator, [6, 5, 5, 4], bias, normalizes_output))
                features = self.generator.normal(size=(7, 6)).astype(np.float32)
                with torch.no_grad():
                    found = head.module()(torch.from_numpy(features)).numpy()
                np.testing.assert_allclose(found, head(features), rtol=1e-4, atol=1e-5)

    def test_wrong_files_and_features(self):
        path = Path(self.folder.name) / "head.safetensors"
        whole = safetensors(layers(self.generator, [6, 4]))
        for length in range(0, len(whole), 7):
            path.write_bytes(whole[:length])
            with self.assertRaises(StoreError):
                load_head(path)
        path.write_bytes(whole)
        with self.assertRaises(StoreError):
            load_head(path)(np.zeros((2, 5)))


class NeighborTests(unittest.TestCase):
    def test_nearest(self):
        generator = np.random.default_rng(4)
        vectors = generator.normal(size=(400, 8))
        vectors[7] = vectors[3] * 2
        positions, scores = nearest(vectors[[3, 100]], vectors, k=5)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self.assertEqual(positions[0, :2].tolist(), [3, 7])
        self.assertEqual(positions[1].tolist(), np.argsort(-(unit @ unit[100]), kind="stable")[:5].tolist())
        np.testing.assert_allclose(scores[:, 0], 1, atol=1e-6)
        self.assertEqual(nearest(vectors[:1], vectors[:3])[0].shape, (1, 3))


if __name__ == "__main__":
    unittest.main()
