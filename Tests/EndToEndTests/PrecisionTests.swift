import Backbones
import Foundation
import Testing

@Suite("The network in less than single precision")
struct PrecisionTests {
    private static func isHere(_ precision: Precision) -> Bool {
        if case .missing = precision.support { false } else { true }
    }

    /// oneDNN behaves as if the processor had no AVX-512.
    private static let oldProcessor = ["ONEDNN_MAX_CPU_ISA": "AVX2"]

    @Test(
        "build and query, and a second build that computes only what is new", arguments: [Precision.bf16, .int8])
    func road(precision: Precision) throws {
        guard Self.isHere(precision) else {
            print("skipped: this processor has no instructions for \(precision.rawValue)")
            return
        }
        let world = try SampleWorld()
        defer { world.program.clean() }
        let first = try world.build("--precision", precision.rawValue)
        #expect(first.status == 0, "\(first.messages)")
        #expect(first.messages.contains("calibrating") == (precision == .int8))
        // One pixel differs a little: other content, so that the query runs the network again.
        let copy = world.program.path("photos/class-1/copy.bmp")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-1/0.bmp")))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: copy))
        let asked = try world.program.run("query", copy, "-k", "1", "--head", "none", "--json")
        #expect(asked.status == 0, "\(asked.messages)")
        let answer: QueryReply = try asked.json()
        #expect(answer.neighbors[0].path.hasSuffix("photos/class-1/0.bmp") && answer.neighbors[0].score > 0.99)
        // The pictures are others now; the scales are those of the store.
        for arguments in [["--precision", precision.rawValue], []] {
            let again = try world.program.run(
                ["build", "photos", "--weights", "net.safetensors", "--precision", precision.rawValue, "--json"]
                    + arguments)
            #expect(again.status == 0, "\(again.messages)")
            #expect(!again.messages.contains("calibrating"))
        }
        let silent = try world.program.run("build", "photos")
        #expect(silent.status == 0 && silent.messages.contains(precision.rawValue), "\(silent.messages)")
    }

    @Test("precisions do not mix in a space: the field is named")
    func mixing() throws {
        guard Self.isHere(.bf16) else { return print("skipped: this processor has no instructions for bf16") }
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let refused = try world.build("--precision", "bf16")
        #expect(refused.status == 2)
        #expect(refused.messages.contains("precision: bf16 here, f32 there"), "\(refused.messages)")
        #expect(try world.build("--precision", "bf16", "--add-space").status == 0)
    }

    @Test("the calibration follows from the pictures' contents alone")
    func calibration() throws {
        guard Self.isHere(.int8) else { return print("skipped: this processor has no instructions for int8") }
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build("--precision", "int8").status == 0)
        try FileManager.default.moveItem(
            atPath: world.program.path("photos/class-0"), toPath: world.program.path("photos/zebra"))
        #expect(try world.build("--precision", "int8", "--store", "other.fcstore").status == 0)
        let compared = try world.program.run("compare", "features.fcstore", "other.fcstore")
        #expect(!compared.output.contains("precision.calibration"), "\(compared.output)")
    }

    @Test(
        "a processor without the instructions is told so, or takes f32 where that is allowed",
        arguments: ["bf16", "int8"])
    func oldProcessors(precision: String) throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        let build = ["build", "photos", "--weights", "net.safetensors", "--precision", precision]
        let refused = try world.program.run(build, environment: Self.oldProcessor)
        #expect(refused.status == 2)
        #expect(
            refused.messages.contains("AVX") && refused.messages.contains("--precision f32"), "\(refused.messages)")
        let allowed = try world.program.run(build + ["--precision-fallback"], environment: Self.oldProcessor)
        #expect(allowed.status == 0 && allowed.messages.contains("computing in f32"), "\(allowed.messages)")
    }
}
