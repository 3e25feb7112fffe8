import Foundation
import Testing

@Suite("Bad input gives one clear error and a documented exit code")
struct BadInputTests {
    private func write(_ data: Data, _ name: String, _ program: Program) throws {
        try data.write(to: URL(fileURLWithPath: program.path(name)))
    }

    @Test("Unreadable pictures are recorded, reported, and do not stop the rest")
    func unreadablePictures() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        try write(Data("just a note".utf8), "photos/class-0/note.jpg", world.program)
        let whole = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-0/1.bmp")))
        try write(whole.prefix(whole.count / 2), "photos/class-1/cut.bmp", world.program)
        let run = try world.build()
        #expect(run.status == 1)
        #expect(run.messages.contains("note.jpg") && run.messages.contains("cut.bmp"))
        #expect(run.output.contains("48 new") && run.output.contains("2 failed"))

        let again = try world.build("--allow-skips")
        #expect(again.status == 0 && again.output.contains("48 unchanged") && again.output.contains("2 failed"))
        let listed = try world.program.run("inspect", "--errors")
        #expect(listed.output.split(separator: "\n").count == 2)

        try FileManager.default.removeItem(atPath: world.program.path("photos/class-0/note.jpg"))
        try write(whole, "photos/class-1/cut.bmp", world.program)
        let mended = try world.build()
        #expect(mended.status == 0, "\(mended.messages)")
        #expect(try world.program.run("inspect", "--errors").output.isEmpty)
    }

    @Test("--on-error fail stops, and keeps what is done")
    func failOnError() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        try write(Data("just a note".utf8), "photos/class-0/note.jpg", world.program)
        let run = try world.build("--on-error", "fail")
        #expect(run.status == 2 && run.messages.contains("note.jpg"))
        #expect(try world.program.run("inspect").status == 0)
    }

    @Test("Without --output-dim training is refused, with the reason")
    func noOutputDimension() throws {
        let world = try SampleWorld(classes: 2, perClass: 8)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let run = try world.program.run("train-head")
        #expect(run.status == 64)
        #expect(run.messages.contains("--output-dim") && run.messages.contains("frozen"))
    }

    @Test("Folders without pictures, missing folders, missing stores and missing weights")
    func missingThings() throws {
        let world = try SampleWorld(classes: 2, perClass: 2)
        defer { world.program.clean() }
        try FileManager.default.createDirectory(
            atPath: world.program.path("empty"), withIntermediateDirectories: true)
        let runs: [(arguments: [String], named: String)] = [
            (["build", "empty", "--weights", "net.safetensors"], "empty"),
            (["build", "nowhere", "--weights", "net.safetensors"], "nowhere"),
            (["build", "photos", "--weights", "nowhere.pth"], "nowhere.pth"),
            (["build", "photos", "--model", "resnet51"], "resnet51"),
            (["query", "photos/class-0/0.bmp"], "features.fcstore"), (["inspect", "--store", "nowhere"], "nowhere"),
            (["layers", "nowhere"], "nowhere"),
        ]
        for (arguments, named) in runs {
            let run = try world.program.run(arguments)
            #expect(run.status == 2, "\(arguments): \(run.messages)")
            #expect(run.messages.hasPrefix("error: "), "\(arguments): \(run.messages)")
            #expect(run.messages.contains(named), "\(arguments): \(run.messages)")
        }
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore")))
    }

    @Test("A checkpoint that asks for a call is refused and nothing is called")
    func maliciousCheckpoint() throws {
        let world = try SampleWorld(classes: 2, perClass: 2)
        defer { world.program.clean() }
        let trace = world.program.path("called")
        // A checkpoint of the legacy form: magic number, version 1001 and the machine's byte order, each a pickle; then,
        // where the tensors should be, os.system("touch …").
        let beginning: [UInt8] = [
            0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
            0x80, 0x02, 0x4D, 0xE9, 0x03, 0x2E, 0x80, 0x02, 0x7D, 0x58, 0x0D, 0x00, 0x00, 0x00,
        ]
        var pickle = Data(beginning) + Data("little_endian".utf8) + Data([0x88, 0x73, 0x2E])
        pickle += Data([0x80, 0x02]) + Data("cposix\nsystem\n(X".utf8)
        let command = Data("touch \(trace)".utf8)
        pickle += withUnsafeBytes(of: UInt32(command.count).littleEndian) { Data($0) } + command + Data("tR.".utf8)
        try write(pickle, "evil.pth", world.program)
        let run = try world.program.run("build", "photos", "--weights", "evil.pth")
        #expect(run.status == 2)
        #expect(run.messages.contains("posix.system"), "\(run.messages)")
        #expect(!FileManager.default.fileExists(atPath: trace))
    }

    @Test("Weights with a NaN are refused by the tensor's name")
    func notANumber() throws {
        let world = try SampleWorld(classes: 2, perClass: 2)
        defer { world.program.clean() }
        var weights = try SampleWorld.weights()
        weights.replaceSubrange(weights.count - 4..<weights.count, with: [0x00, 0x00, 0xC0, 0x7F])
        try write(weights, "net.safetensors", world.program)
        let run = try world.build()
        #expect(run.status == 2 && run.messages.contains("layer4.0.downsample.1.weight"), "\(run.messages)")
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore")))
    }

    @Test("A store of another network is refused with the differences")
    func otherNetwork() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        try write(SampleWorld.weights(seed: 2), "net.safetensors", world.program)
        let built = try world.build()
        #expect(built.status == 2 && built.messages.contains("model.tensors"), "\(built.messages)")
        var picture = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-0/0.bmp")))
        picture[60] ^= 0xFF
        try write(picture, "new.bmp", world.program)
        let asked = try world.program.run("query", "new.bmp")
        #expect(asked.status == 2 && asked.messages.contains("model.tensors"), "\(asked.messages)")
    }

    @Test("Too little memory for training is refused, with how much would do")
    func tooLittleMemory() throws {
        let world = try SampleWorld(classes: 2, perClass: 8)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let train = ["train-head", "--output-dim", "8", "--epochs", "1", "--memory"]
        let refused = try world.program.run(train + ["1K"])
        #expect(refused.status == 2 && refused.messages.contains("Give --memory 1M or more"), "\(refused.messages)")
        #expect(try world.program.run(train + ["1M"]).status == 0)
    }

    @Test("A processor without the instructions is told so before training")
    func reducedPrecision() throws {
        let world = try SampleWorld(classes: 2, perClass: 8)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let run = try world.program.run(
            ["train-head", "--output-dim", "8", "--precision", "bf16"], environment: ["ONEDNN_MAX_CPU_ISA": "AVX2"])
        #expect(run.status == 2 && run.messages.contains("precision bf16: needs AVX-512"), "\(run.messages)")
        let other = try world.program.run(
            ["train-head", "--output-dim", "8", "--epochs", "1"], environment: ["ONEDNN_MAX_CPU_ISA": "AVX2"])
        #expect(other.status == 0, "\(other.messages)")
    }

    @Test("A first limit of open files is raised")
    func fewOpenFiles() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        // Three are the terminal's, and the index and its segment need two.
        let run = try world.program.run(
            ["export", "-o", "features.npy"], under: ["/bin/sh", "-c", #"ulimit -S -n 4; exec "$0" "$@""#])
        #expect(run.status == 0, "\(run.messages)")
    }

    @Test("Wrong usage exits with 64")
    func usage() throws {
        let program = try Program()
        defer { program.clean() }
        for arguments in [
            ["build"], ["query", "a.jpg", "-k", "0"], ["bild"], ["build", "x", "--model", "a", "--weights", "b"],
            ["train-head", "--output-dim", "0"], ["train-head", "--output-dim", "8", "--memory", "2GB"],
            ["train-head", "--output-dim", "8", "--name", "../up"], ["train-head", "--output-dim", "8", "--resume"],
            ["train-head", "--output-dim", "8", "--loss", "HingeLoss"],
            ["train-head", "--output-dim", "8", "--loss", "SupConLoss(margin=1)"],
            ["train-head", "--output-dim", "8", "--optimizer", "Adam(lr=1)"],
            ["train-head", "--output-dim", "8", "--monitor", "accuracy"],
            ["train-head", "--output-dim", "8", "--warmup", "2.5"],
            ["train-head", "--output-dim", "8", "--head", "plain", "--layers", "0"],
        ] {
            #expect(try program.run(arguments).status == 64, "\(arguments)")
        }
    }
}
