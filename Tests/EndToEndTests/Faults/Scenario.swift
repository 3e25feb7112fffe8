import Foundation
import Tensors
import Testing

/// A command that changes stores, with all it takes to interrupt it anywhere, go on, and tell whether the end is right.
///
/// To put another command under kills, faults, full disks and power cuts, add a scenario to `all`. What the command changes
/// lies in the folder `state/` of the world, and nothing else does: it is brought back before every trial.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    /// The stores below `state/` that `verify` must find clean in the end.
    var stores = [Scenario.store]
    /// Makes pictures and weights. `size` is the number of pictures.
    var world: @Sendable (_ size: Int) throws -> SampleWorld = { try SampleWorld(classes: 2, perClass: ($0 + 1) / 2) }
    /// Makes what `state/` has before the command, and changes pictures where that belongs to it.
    var prepare: @Sendable (SampleWorld) throws -> Void = { _ in }
    /// The command that is interrupted.
    let command: [String]
    /// The exit codes with which it has done its work.
    var statuses: Set<Int32> = [0]
    /// The commands that go on from any interruption; nil where it is the command itself.
    var finish: [[String]]?
    /// Whether the results before the command are those after it.
    var keepsResults = false
    /// What must be equal, byte by byte, to the same after an uninterrupted run.
    var results: @Sendable (Program) throws -> [String: Data] = { try Scenario.exported(Scenario.store, $0) }

    var testDescription: String { name }

    static let store = "state/features.fcstore"
    static let build = ["build", "photos", "--weights", "net.safetensors", "--batch-size", "4", "--store", store]
    static let trainHead = [
        "train-head", "--output-dim", "8", "--epochs", "2", "--batch-size", "8", "--name", "h", "--replace",
        "--keep-trained",
        "--store", store,
    ]

    /// All scenarios.
    static let all = [newStore, increment, twoCuts, newHead, secondHead] + maintenance + searches

    /// In an empty folder that is there: else a power cut takes the folder with all that is in it, and proves little.
    static let newStore = Scenario(
        name: "build of a new store",
        prepare: {
            try FileManager.default.createDirectory(
                atPath: $0.program.path(store), withIntermediateDirectories: true)
        }, command: build)

    /// With its folder.
    static let newFolder = Scenario(name: "build of a new store in a new folder", command: build)

    /// New, changed, removed, renamed, duplicate and unreadable pictures.
    static let increment = Scenario(
        name: "build into a store",
        prepare: {
            try Scenario.run(build, $0.program)
            try Scenario.change($0)
        }, command: build + ["--allow-skips"])

    /// Two spaces at once, into a store that has some pictures of each.
    static let twoCuts = Scenario(
        name: "build of two cuts",
        prepare: { world in
            try Scenario.run(build + ["--cut", "layer2", "--shard", "1/3"], world.program)
            try Scenario.run(build + ["--cut", "flatten", "--shard", "2/3", "--add-space"], world.program)
        }, command: build + ["--cut", "layer2", "--cut", "flatten", "--add-space"],
        results: { program in
            try ["layer2", "flatten"].reduce(into: [:]) { results, cut in
                let files = try exported(store, program, space: "net.safetensors @ \(cut)")
                for (name, data) in files { results["\(cut): \(name)"] = data }
            }
        })

    static let newHead = Scenario(
        name: "train-head", prepare: { try Scenario.run(build, $0.program) }, command: trainHead,
        results: { try Scenario.head($0) })

    static let secondHead = Scenario(
        name: "train-head --replace",
        prepare: {
            try Scenario.run(build, $0.program)
            try Scenario.run(trainHead + ["--seed", "9"], $0.program)
        }, command: trainHead, results: { try Scenario.head($0) })
}

extension Scenario {
    /// Runs a command that must succeed.
    @discardableResult
    static func run(
        _ arguments: [String], _ program: Program, _ environment: [String: String] = [:]
    ) throws -> Program.Outcome {
        let outcome = try program.run(arguments, environment: environment)
        try #require(outcome.status == 0, "\(arguments): \(outcome.messages)")
        return outcome
    }

    /// What `export` writes of a store: the array and the table.
    static func exported(
        _ store: String, _ program: Program, head: String = "none", space: String? = nil
    ) throws -> [String: Data] {
        let choice = space.map { ["--space", $0] } ?? []
        try run(["export", "--store", store, "--head", head, "-o", "out.npy"] + choice, program)
        return try ["out.npy", "out.csv"].reduce(into: [:]) { files, name in
            let path = URL(fileURLWithPath: program.path(name))
            files["\(store), head \(head): \(name)"] = try Data(contentsOf: path)
            try FileManager.default.removeItem(at: path)
        }
    }

    /// The head `h` and its embeddings. Its record has the time in it, so only that `verify` finds it whole counts.
    static func head(_ program: Program) throws -> [String: Data] {
        var results = try exported(store, program)
        results.merge(try exported(store, program, head: "h")) { $1 }
        results["head"] = try Data(
            contentsOf: URL(fileURLWithPath: program.path("\(store)/heads/h/head.safetensors")))
        return results
    }

    /// Makes pictures new, changed, removed, renamed, duplicate and unreadable.
    static func change(_ world: SampleWorld) throws {
        let (files, photos) = (FileManager.default, world.program.path("photos"))
        var generator = SeededGenerator(seed: 99)
        for name in ["class-0/new.bmp", "class-1/new.bmp", "class-1/0.bmp"] {
            try SampleWorld.picture(of: 1, &generator).write(to: URL(fileURLWithPath: "\(photos)/\(name)"))
        }
        try files.copyItem(atPath: "\(photos)/class-0/0.bmp", toPath: "\(photos)/class-1/duplicate.bmp")
        try files.moveItem(atPath: "\(photos)/class-0/1.bmp", toPath: "\(photos)/class-1/moved.bmp")
        try files.removeItem(atPath: "\(photos)/class-1/2.bmp")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: "\(photos)/class-0/note.jpg"))
    }
}
