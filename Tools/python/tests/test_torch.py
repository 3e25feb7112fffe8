import importlib.util
import subprocess
import sys
import unittest

import finetuner_cache
from finetuner_cache import open_store

from . import samples
from .test_store import ScratchTest

HAS_TORCH = importlib.util.find_spec("torch") is not None


class LazyImportTests(unittest.TestCase):
    def test_importing_the_package_does_not_import_torch(self):
        program = "import sys, finetuner_cache; from finetuner_cache import *; sys.exit('torch' in sys.modules)"
        package = finetuner_cache.__path__[0] + "/.."
        self.assertEqual(subprocess.run([sys.executable, "-c", program], cwd=package).returncode, 0)

    @unittest.skipIf(HAS_TORCH, "torch is here")
    def test_without_torch(self):
        with self.assertRaises(ImportError):
            finetuner_cache.FeatureDataset


@unittest.skipUnless(HAS_TORCH, "needs torch")
class FeatureDatasetTests(ScratchTest):
    def setUp(self):
        super().setUp()
        samples.full_store(self.folder)
        self.dataset = finetuner_cache.FeatureDataset(self.folder, "net bf16")

    def test_items(self):
        paths, labels, features = open_store(self.folder).features("net bf16")
        self.assertEqual((self.dataset.paths, len(self.dataset)), (paths, len(paths)))
        self.assertEqual(self.dataset.classes, sorted({label for label in labels if label is not None}))
        for position, (feature, target) in enumerate(self.dataset):
            self.assertEqual(feature.numpy().tobytes(), features[position].tobytes())
            label = None if target < 0 else self.dataset.classes[target]
            self.assertEqual(label, labels[position])
            if position + 1 == len(paths):
                break

    def test_workers(self):
        import torch

        expected = [batch.tolist() for batch, _ in torch.utils.data.DataLoader(self.dataset, batch_size=8)]
        for start in ["fork", "spawn"]:
            loader = torch.utils.data.DataLoader(
                self.dataset, batch_size=8, num_workers=2, multiprocessing_context=start)
            self.assertEqual([batch.tolist() for batch, _ in loader], expected)
