import Foundation
import Tensors
import Testing

/// The commands that bring stores together, make them smaller, and mend them.
extension Scenario {
    static let maintenance = [merge, mergeMore, collection, lostIndex, damage]

    /// Of a store with a sealed segment, which is linked, and an open one, and of a store that has most of it too.
    static let merge = Scenario(
        name: "merge", stores: [store, "state/a.fcstore", "state/b.fcstore"],
        prepare: { try Scenario.prepareMerge($0) },
        command: ["merge", "state/a.fcstore", "state/b.fcstore", "--into", store],
        results: { try exported(store, $0).merging(failures(store, $0)) { $1 } })

    /// The same into a store that is there and has one picture, of another label, and a second space.
    static let mergeMore = Scenario(
        name: "merge into a store", stores: [store, "state/a.fcstore", "state/b.fcstore"],
        prepare: { world in
            try Scenario.prepareMerge(world)
            try secondNetwork(world)
            try FileManager.default.copyItem(
                atPath: world.program.path("photos/class-0/0.bmp"), toPath: world.program.path("photos/class-1/x.bmp"))
            try run(
                ["build", "photos/class-1", "--weights", "net2.safetensors", "--allow-skips", "--store", store],
                world.program)
        },
        command: ["merge", "state/a.fcstore", "state/b.fcstore", "--into", store, "--add-space"],
        results: { try bothSpaces(store, $0) })

    /// Of a store of two spaces, of which half is garbage.
    static let collection = Scenario(
        name: "gc --apply",
        prepare: { world in
            try secondNetwork(world)
            try Data("no picture".utf8).write(to: URL(fileURLWithPath: world.program.path("photos/class-1/note.jpg")))
            try run(build + ["--allow-skips"], world.program)
            try run(
                ["build", "photos", "--weights", "net2.safetensors", "--add-space", "--allow-skips", "--store", store],
                world.program)
            try run(["remove", "photos/class-0", "--store", store], world.program)
        },
        command: ["gc", "--apply", "--store", store], keepsResults: true, results: { try bothSpaces(store, $0) })

    /// Of a store that has lost its index.
    static let lostIndex = Scenario(
        name: "repair of a lost index",
        prepare: { world in
            try run(build, world.program)
            try run(trainHead, world.program)
            try Scenario.change(world)
            try run(build + ["--allow-skips"], world.program)
            try FileManager.default.removeItem(atPath: world.program.path("\(store)/index.sqlite"))
        },
        command: ["repair", "--store", store],
        results: { try exported(store, $0, head: "h").merging(failures(store, $0)) { $1 } })

    /// Of a store with three chunks: of one the features are damaged, of one only what it says of its pictures. The index
    /// still knows these, and the features of the second are whole.
    static let damage = Scenario(
        name: "repair of damaged chunks",
        prepare: { world in
            for shard in 1...3 { try run(build + ["--shard", "\(shard)/3"], world.program) }
            let segment = URL(fileURLWithPath: world.program.path("\(store)/segments/000001.seg"))
            var bytes = try Data(contentsOf: segment)
            let chunks = try chunkSections(bytes)
            try #require(chunks.count == 3)
            bytes[chunks[0].payload] ^= 0x40
            bytes[chunks[1].metadata] ^= 0x40
            try bytes.write(to: segment)
        },
        command: ["repair", "--store", store], statuses: [0, 1],
        results: { try exported(store, $0).merging(failures(store, $0)) { $1 } })

    // MARK: - What they begin with

    private static func secondNetwork(_ world: SampleWorld) throws {
        try SampleWorld.weights(seed: 2).write(to: URL(fileURLWithPath: world.program.path("net2.safetensors")))
    }

    private static func prepareMerge(_ world: SampleWorld) throws {
        let a = ["build", "photos", "--weights", "net.safetensors", "--batch-size", "4", "--store", "state/a.fcstore"]
        try run(a + ["--shard", "1/3"], world.program)
        if FaultLibrary.isAvailable { try seal("state/a.fcstore", world) }
        try run(a + ["--shard", "2/3"], world.program)
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: world.program.path("photos/class-1/note.jpg")))
        try run(a.dropLast() + ["state/b.fcstore", "--allow-skips"], world.program)
    }

    /// Seals the open segment of a store and leaves all of it in use: a collection that is killed when it has sealed the
    /// segment and begins the next. Segments are else sealed at a length that no test reaches.
    private static func seal(_ store: String, _ world: SampleWorld) throws {
        let program = world.program
        let folder = program.folder.resolvingSymlinksInPath().path + "/state"
        try run(["remove", "photos", "--store", store], program)
        try FileManager.default.copyItem(atPath: program.path(store), toPath: program.path("\(store).kept"))
        let collect = ["gc", "--apply", "--store", store]
        let report = program.path("seal.txt")
        try run(collect, program, FaultLibrary.environment(watching: folder, report: report))
        try FileManager.default.removeItem(atPath: program.path(store))
        try FileManager.default.moveItem(atPath: program.path("\(store).kept"), toPath: program.path(store))
        let calls = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
        let next = try #require(calls.firstIndex { $0.hasPrefix("open ") && $0.hasSuffix("000002.seg") })
        let fault = Fault(kind: .kill, moment: .call(next + 1))
        let killed = try program.run(collect, environment: FaultLibrary.environment(watching: folder, fault: fault))
        try #require(killed.status == 137)
        try FileManager.default.removeItem(atPath: report)
    }

    /// The places of a byte of the features and of a byte of the metadata in each chunk of a segment; see `BlockHeader`.
    private static func chunkSections(_ bytes: Data) throws -> [(payload: Int, metadata: Int)] {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        func aligned(_ count: Int) -> Int { (count + 63) / 64 * 64 }
        return stride(from: 0, to: bytes.count - 128, by: 64).compactMap { place in
            guard bytes[place..<place + 4] == Data([0xFB, 0x42, 0x4C, 0x4B]), bytes[place + 6] == 2 else { return nil }
            let payload = place + 128 + aligned(32 * number(place + 12, 4))
            return (payload + number(place + 32, 8) / 2, payload + aligned(number(place + 32, 8)))
        }
    }

    // MARK: - What they end with

    /// The features of both networks, and what failed.
    private static func bothSpaces(_ store: String, _ program: Program) throws -> [String: Data] {
        try ["net.safetensors", "net2.safetensors"].reduce(into: failures(store, program)) { results, space in
            for (name, data) in try exported(store, program, space: space) { results["\(space): \(name)"] = data }
        }
    }

    /// The failures that a store lists.
    private static func failures(_ store: String, _ program: Program) throws -> [String: Data] {
        struct Contents: Decodable {
            struct Failure: Decodable { let space, path, reason: String }
            let pictures: Int
            let failures: [Failure]
        }
        let contents: Contents = try run(["inspect", "--store", store, "--json"], program).json()
        let lines = contents.failures.map { "\($0.space) \($0.path) \($0.reason)" }.sorted()
        return ["failures": Data("\(contents.pictures) pictures\n\(lines.joined(separator: "\n"))".utf8)]
    }
}
