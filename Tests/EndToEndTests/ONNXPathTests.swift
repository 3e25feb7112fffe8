import Foundation
import Testing

/// The networks are in `Networks/`. All have a convolution of stride 2, SiLU, another such convolution, ReLU, the mean over the map
/// and a dense layer, with the same random weights; Python's onnx 1.23 wrote them. `small.onnx` takes pictures of 32 x 40;
/// `unsupported.onnx` has an LRN behind the ReLU; `channels-last.onnx` transposes its input, whose dimensions have no lengths.
@Suite("Networks from ONNX files, from pictures to neighbors")
struct ONNXPathTests {
    private struct Built: Decodable {
        let extracted: Int
    }

    private struct Layers: Decodable {
        struct Layer: Decodable {
            let name, type, state: String
            let outputShape: [Int]
        }
        let inputHeight, inputWidth: Int
        let layers: [Layer]
    }

    private func world(_ networks: String...) throws -> SampleWorld {
        let world = try SampleWorld(classes: 2, perClass: 4)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Networks")
        for name in networks {
            try FileManager.default.copyItem(
                at: folder.appendingPathComponent(name), to: URL(fileURLWithPath: world.program.path(name)))
        }
        return world
    }

    private func build(_ world: SampleWorld, _ network: String, _ options: String...) throws -> Program.Outcome {
        try world.program.run(["build", "photos", "--weights", network, "--batch-size", "3", "--json"] + options)
    }

    /// The nearest pictures to a copy that is not in the store, so that it goes through the network again.
    private func neighbors(_ world: SampleWorld, _ store: String = "features.fcstore") throws -> [QueryReply.Neighbor] {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-1/0.bmp")))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: world.program.path("copy.bmp")))
        let asked = try world.program.run("query", "copy.bmp", "-k", "8", "--store", store, "--head", "none", "--json")
        #expect(asked.status == 0, "\(asked.messages)")
        return try asked.json(as: QueryReply.self).neighbors
    }

    @Test(
        "A network is listed, built with at the size that it names, and asked; a file beside it prepares the pictures")
    func wholePath() throws {
        let world = try world("small.onnx")
        defer { world.program.clean() }
        let listed = try world.program.run("layers", "small.onnx", "--json").json(as: Layers.self)
        #expect((listed.inputHeight, listed.inputWidth) == (32, 40))
        #expect(
            listed.layers.map(\.name) == [
                "stem/conv", "stem/silu", "body/conv", "body/relu", "pool", "flatten", "fc",
            ])
        #expect(listed.layers.last?.state == "removed" && listed.layers[1].type == "SiLU")
        #expect(listed.layers[3].outputShape == [12, 8, 10])
        let first = try build(world, "small.onnx")
        #expect(first.status == 0, "\(first.messages)")
        #expect(try first.json(as: Built.self).extracted == 8)
        let nearest = try neighbors(world)
        #expect(nearest.first?.path.hasSuffix("photos/class-1/0.bmp") == true && nearest[0].score > 0.9999)

        let sidecar = "{\"mean\": [0.4, 0.5, 0.6], \"std\": [0.2, 0.25, 0.3], \"interpolation\": \"bicubic\"}"
        try Data(sidecar.utf8).write(to: URL(fileURLWithPath: world.program.path("small.onnx.json")))
        let other = try build(world, "small.onnx")
        #expect(
            other.status == 2 && other.messages.contains("preprocessing.mean: 0.4 0.5 0.6 here"), "\(other.messages)")
        #expect(!other.messages.contains("preprocessing.crop"), "\(other.messages)")
        #expect(try build(world, "small.onnx", "--store", "other.fcstore").status == 0)
        #expect(try neighbors(world, "other.fcstore").first?.path.hasSuffix("photos/class-1/0.bmp") == true)

        let tall = try build(world, "small.onnx", "--input-size", "40x32", "--store", "tall.fcstore")
        #expect(
            tall.status == 2 && tall.messages.contains("takes pictures of 32 x 40, not 40 x 32"), "\(tall.messages)")
    }

    @Test("An operator that is not supported ends with one error; cut before it, the network is built with")
    func unsupported() throws {
        let world = try world("unsupported.onnx")
        defer { world.program.clean() }
        for arguments in [["layers", "unsupported.onnx"], ["build", "photos", "--weights", "unsupported.onnx"]] {
            let run = try world.program.run(arguments)
            #expect(run.status == 2 && run.output.isEmpty)
            #expect(run.messages.hasPrefix("error: ") && run.messages.split(separator: "\n").count == 1)
            for part in ["unsupported.onnx: operator LRN, node '/body/norm'", "is not supported", "--cut body/relu"] {
                #expect(run.messages.contains(part), "\(run.messages)")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore")))
        let built = try build(world, "unsupported.onnx", "--cut", "body/relu")
        #expect(built.status == 0, "\(built.messages)")
        #expect(try neighbors(world).first?.path.hasSuffix("photos/class-1/0.bmp") == true)
        let listed = try world.program.run("layers", "unsupported.onnx", "--cut", "body", "--json").json(
            as: Layers.self)
        let frozen = listed.layers.filter { $0.state == "frozen" }
        #expect(frozen.map(\.name) == ["stem/conv", "stem/silu", "body/conv", "body/relu"])
    }

    @Test("--layout nhwc gives pictures to a network that wants channels last: the same features as channels first")
    func layout() throws {
        let world = try world("small.onnx", "channels-last.onnx")
        defer { world.program.clean() }
        let size = ["--input-size", "32x40", "--resize", "none"]
        func build(_ network: String, _ store: String, _ options: [String]) throws -> Program.Outcome {
            try world.program.run(["build", "photos", "--weights", network, "--store", store] + size + options)
        }
        #expect(try build("small.onnx", "first.fcstore", []).status == 0)
        let last = try build("channels-last.onnx", "last.fcstore", ["--layout", "nhwc"])
        #expect(last.status == 0, "\(last.messages)")
        let (one, other) = (try neighbors(world, "first.fcstore"), try neighbors(world, "last.fcstore"))
        #expect(one.map(\.path) == other.map(\.path))
        #expect(zip(one, other).allSatisfy { abs($0.score - $1.score) < 1e-5 })
        let wrong = try build("channels-last.onnx", "wrong.fcstore", [])
        #expect(wrong.status == 2 && wrong.messages.hasPrefix("error: "), "\(wrong.messages)")
        #expect(try build("small.onnx", "wrong.fcstore", ["--layout", "sideways"]).status == 64)
    }

    @Test("A file that is cut off ends with one error and no store")
    func damaged() throws {
        let world = try world("small.onnx")
        defer { world.program.clean() }
        let whole = try Data(contentsOf: URL(fileURLWithPath: world.program.path("small.onnx")))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: world.program.path("small.onnx")))
        let run = try build(world, "small.onnx")
        #expect(run.status == 2 && run.messages.contains("small.onnx: is no whole ONNX file"), "\(run.messages)")
        #expect(run.messages.split(separator: "\n").count == 1)
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore")))
    }
}
