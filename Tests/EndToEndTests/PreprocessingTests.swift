import Foundation
import Testing

@Suite("Preprocessing of foreign weights")
struct PreprocessingTests {
    private struct Built: Decodable {
        let extracted, unchanged: Int
    }

    /// Settings that all differ from those of torchvision; the pictures have 40 x 32 pixels.
    private static let options = [
        "--input-size", "32x40", "--resize", "none", "--mean", "0.4,0.5,0.6", "--std", "0.2,0.25,0.3",
        "--channel-order", "bgr",
    ]

    private func build(_ world: SampleWorld, _ options: [String]) throws -> Program.Outcome {
        try world.program.run(["build", "photos", "--weights", "net.safetensors", "--batch-size", "4"] + options)
    }

    /// Asks for a copy of a picture that is not in the store, so that it goes through the network again.
    private func scoreOfCopy(_ world: SampleWorld) throws -> Float {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-1/0.bmp")))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: world.program.path("copy.bmp")))
        let asked = try world.program.run("query", "copy.bmp", "-k", "1", "--head", "none", "--json")
        #expect(asked.status == 0, "\(asked.messages)")
        let answer: QueryReply = try asked.json()
        let nearest = try #require(answer.neighbors.first)
        #expect(nearest.path.hasSuffix("photos/class-1/0.bmp"))
        return nearest.score
    }

    @Test(
        "Queries and later builds without options prepare pictures as the first build did; another mean is another space"
    )
    func options() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        let first = try build(world, Self.options)
        #expect(first.status == 0, "\(first.messages)")
        // With the preset's sizes no picture would need to have the input size, and the copy's would be refused.
        #expect(try scoreOfCopy(world) > 0.9999)
        let again = try world.program.run("build", "photos", "--json")
        #expect(again.status == 0, "\(again.messages)")
        let built: Built = try again.json()
        #expect(built.extracted == 0 && built.unchanged == 8)

        let other = try build(world, Self.options.map { $0 == "0.4,0.5,0.6" ? "0.4,0.5,0.7" : $0 })
        #expect(other.status == 2)
        #expect(other.messages.contains("preprocessing.mean: 0.4 0.5 0.7 here, 0.4 0.5 0.6 there"), "\(other.messages)")
        #expect(!other.messages.contains("preprocessing.standardDeviation"))
        let rgb = try build(world, Array(Self.options.dropLast(2)))
        #expect(rgb.status == 2 && rgb.messages.contains("preprocessing.channelOrder: not set here, bgr there"))
    }

    @Test("A file beside the weights is used and told; the store needs it no more; the command line is stronger")
    func sidecar() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        let sidecar = world.program.path("net.safetensors.json")
        let config = """
            {"architecture": "resnet18", "pretrained_cfg": {"input_size": [3, 24, 36], "crop_pct": 0.9, "crop_mode": "center",
             "interpolation": "lanczos", "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.3]}}
            """
        try Data(config.utf8).write(to: URL(fileURLWithPath: sidecar))
        let first = try build(world, [])
        #expect(first.status == 0, "\(first.messages)")
        #expect(first.messages.contains("net.safetensors.json, timm keys"))
        let strong = try build(world, ["--mean", "0,0,0"])
        #expect(
            strong.status == 2 && strong.messages.contains("preprocessing.mean: 0.0 0.0 0.0 here, 0.4 0.5 0.6 there"))
        #expect(!strong.messages.contains("preprocessing.crop"), "\(strong.messages)")
        let preset = try build(world, ["--preprocessing", "torchvision-v1"])
        #expect(preset.messages.contains("preprocessing.crop: 224x224 here, 24x36 there"), "\(preset.messages)")

        try FileManager.default.moveItem(atPath: sidecar, toPath: world.program.path("moved.json"))
        #expect(try scoreOfCopy(world) > 0.99)
        let named = try build(world, ["--preprocessing", "moved.json"])
        #expect(named.status == 0 && named.output.contains("8 unchanged"), "\(named.messages)")
        #expect(try build(world, []).messages.contains("preprocessing.resize: 256 here, cover:26x40 there"))
    }

    @Test("Settings that cannot be used end with one error and no store")
    func refused() throws {
        let world = try SampleWorld(classes: 1, perClass: 1)
        defer { world.program.clean() }
        let usage = [
            ["--resize", "big"], ["--crop-pct", "0"], ["--crop-pct", "nan"], ["--input-size", "0"],
            ["--input-size", "9000"], ["--mean", "1,2"], ["--std", "0,1,1"], ["--interpolation", "spline"],
            ["--channel-order", "grb"], ["--resize", "9", "--crop-pct", "0.9"],
        ]
        for options in usage { #expect(try build(world, options).status == 64, "\(options)") }
        try Data("{\"mean\": [NaN".utf8)
            .write(to: URL(fileURLWithPath: world.program.path("bad.json")))
        for options in [["--preprocessing", "bad.json"], ["--preprocessing", "no.json"], ["--input-size", "288"]] {
            let run = try build(world, options)
            #expect(run.status == 2 && run.messages.hasPrefix("error: "), "\(run.messages)")
        }
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore")))
    }

    @Test("layers shows the shapes for an input size, square or not")
    func layers() throws {
        struct Shapes: Decodable {
            let inputSize: Int?
            let inputHeight, inputWidth: Int
        }
        let world = try SampleWorld(classes: 1, perClass: 1)
        defer { world.program.clean() }
        let wide = try world.program.run("layers", "net.safetensors", "--input-size", "64x128")
        #expect(wide.status == 0 && wide.output.contains("32x2x4"), "\(wide.output)")
        let square: Shapes = try world.program.run("layers", "net.safetensors", "--input-size", "64", "--json").json()
        #expect(square.inputSize == 64 && square.inputHeight == 64 && square.inputWidth == 64)
        let oblong: Shapes = try world.program.run("layers", "net.safetensors", "--input-size", "64x32", "--json")
            .json()
        #expect(oblong.inputSize == nil && oblong.inputHeight == 64 && oblong.inputWidth == 32)
    }
}
