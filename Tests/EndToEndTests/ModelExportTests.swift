import Foundation
import PythonPeer
import Testing

@Suite("Models for other programs")
struct ModelExportTests {
    /// What runs a model on the pictures of a folder, prepared with Pillow as its metadata say, and compares with embeddings.
    private static let program = """
        import csv, json, sys, numpy as np, onnx, onnxruntime
        from PIL import Image
        model, vectors, head, features = sys.argv[1:]
        onnx.checker.check_model(onnx.load(model), full_check=True)
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        facts = session.get_modelmeta().custom_metadata_map
        settings = json.loads(facts["finetuner-cache.preprocessing"])
        side, crop = settings["resize"], settings["cropHeight"]
        def prepared(path):
            picture = Image.open(path).convert("RGB")
            width, height = picture.size
            scale = (side, side * height // width) if width <= height else (side * width // height, side)
            picture = picture.resize(scale, Image.Resampling[settings["interpolation"].upper()])
            left, top = round((scale[0] - crop) / 2), round((scale[1] - crop) / 2)
            x = np.asarray(picture.crop((left, top, left + crop, top + crop)), dtype=np.float32) / 255
            x = (x - np.float32(settings["mean"])) / np.float32(settings["standardDeviation"])
            return x.transpose(2, 0, 1)
        paths = [row["path"] for row in csv.DictReader(open(vectors[:-4] + ".csv", newline=""))]
        ours = np.load(vectors)
        theirs = session.run(["embedding"], {"pictures": np.stack([prepared(path) for path in paths])})[0]
        alone = onnxruntime.InferenceSession(head, providers=["CPUExecutionProvider"])
        from_features = alone.run(["embedding"], {"features": np.load(features)})[0]
        print(json.dumps({
            "model": float((ours * theirs).sum(1).min()), "head": float((ours * from_features).sum(1).min()),
            "length": float(np.abs(np.linalg.norm(theirs, axis=1) - 1).max()), "shape": list(theirs.shape),
            "labels": json.loads(facts["finetuner-cache.labels"])}))
        """

    private struct Compared: Decodable {
        let model, head, length: Double
        let shape: [Int]
        let labels: [String]
    }

    private func world(_ options: String...) throws -> SampleWorld {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        let trained = try world.program.run(
            ["train-head", "--output-dim", "8", "--epochs", "2", "--batch-size", "16", "--name", "h", "--keep-trained"]
                + options)
        #expect(trained.status == 0, "\(trained.messages)")
        return world
    }

    @Test(
        "give in ONNX Runtime the embeddings that this program computes",
        .enabled(
            if: Python.interpreter(importing: "onnx, onnxruntime, PIL") != nil,
            "needs Python with onnx, onnxruntime and Pillow"),
        arguments: ["residual", "plain"])
    func onnx(head: String) throws {
        let python = try #require(Python.interpreter(importing: "onnx, onnxruntime, PIL"))
        let world = try world("--head", head, "--learning-rate", "1e-2")
        defer { world.program.clean() }
        for arguments in [
            ["export", "--to", "onnx", "--head", "h", "-o", "model.onnx"],
            ["export", "--to", "onnx", "--head", "h", "--head-only", "-o", "head.onnx"],
            ["embed", "photos/class-1", "photos/class-2", "--head", "h", "--normalize", "-o", "e.npy"],
            ["embed", "photos/class-1", "photos/class-2", "--head", "none", "-o", "f.npy"],
        ] {
            let run = try world.program.run(arguments)
            #expect(run.status == 0, "\(run.messages)")
        }
        let paths = ["model.onnx", "e.npy", "head.onnx", "f.npy"].map(world.program.path)
        let printed = try Python.run(python, Self.program, paths[0], paths[1], paths[2], paths[3])
        let compared = try JSONDecoder().decode(Compared.self, from: Data(printed.utf8))
        #expect(compared.model > 0.9999 && compared.head > 0.9999 && compared.length < 1e-4)
        #expect(compared.shape == [24, 8] && compared.labels == (0..<4).map { "class-\($0)" })
    }

    @Test("of raw features are the network alone; wrong combinations are usage errors")
    func raw() throws {
        let world = try world()
        defer { world.program.clean() }
        let raw = try world.program.run("export", "--to", "onnx", "-o", "raw.onnx")
        #expect(raw.status == 0 && raw.messages.contains("pictures -> embedding, 32 numbers"), "\(raw.messages)")
        #expect(try world.program.run("export", "--head-only", "--head", "h", "-o", "x.npy").status == 64)
        #expect(try world.program.run("export", "--to", "onnx", "--head-only", "-o", "x.onnx").status == 64)
    }
}
