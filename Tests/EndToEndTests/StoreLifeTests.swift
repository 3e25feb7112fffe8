import Foundation
import Tensors
import Testing

@Suite("The life of a store: shards, removals, comparisons")
struct StoreLifeTests {
    private struct Built: Decodable {
        let shard: String?
        let pictures, extracted, unchanged, duplicates, removed: Int
    }

    private struct Compared: Decodable {
        struct Tally: Decodable {
            let count: Int
            let examples: [String]
        }
        struct Features: Decodable {
            let inBoth: Int
            let onlyInFirst, onlyInSecond, different, beyondTolerance: Tally
            let largestDifference: Double
        }
        struct Listing: Decodable { let onlyInFirst, onlyInSecond, otherLabel, otherContent: Tally }
        struct Space: Decodable {
            let same: Bool
            let features: Features?
            let listing: Listing
        }
        struct LoneSpace: Decodable { let differentFields: [String] }
        let schema: Int
        let same: Bool
        let spaces: [Space]
        let spacesOnlyInA: [LoneSpace]
    }

    private struct Removed: Decodable {
        let schema: Int
        let pictures, failures: [String]
    }

    private struct Inspected: Decodable {
        struct Space: Decodable { let rows, deadRows: Int }
        let pictures, segmentBytes, indexBytes: Int
        let bytesPerFeature: Double?
        let spaces: [Space]
    }

    private func compare(_ a: String, _ b: String, _ world: SampleWorld, _ more: String...) throws -> (Compared, Int32)
    {
        let run = try world.program.run(["compare", a, b, "--json"] + more)
        return (try run.json(), run.status)
    }

    @Test("is made under a name of one letter, too")
    func shortName() throws {
        let world = try SampleWorld(classes: 2, perClass: 2)
        defer { world.program.clean() }
        try FileManager.default.moveItem(atPath: world.program.path("photos"), toPath: world.program.path("p"))
        let built = try world.program.run("build", "p", "--weights", "net.safetensors", "--store", "s")
        #expect(built.status == 0 && built.reason == .exit, "\(built.messages)")
        #expect(try world.program.run("export", "--store", "s", "-o", "f").status != 5)
    }

    @Test("N shards hold together what one build holds, in stores of their own and in one")
    func shards() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        var (pictures, found) = (0, 0)
        for number in 1...3 {
            let store = "shard-\(number).fcstore"
            let built: Built = try world.build("--shard", "\(number)/3", "--store", store, "--json").json()
            #expect(built.shard == "\(number)/3" && built.extracted == built.pictures && built.pictures > 0)
            pictures += built.pictures
            let (compared, status) = try compare(store, "features.fcstore", world)
            let features = try #require(compared.spaces.first?.features)
            #expect(status == 1 && features.onlyInFirst.count == 0 && features.different.count == 0)
            #expect(compared.spaces[0].listing.onlyInFirst.count == 0)
            #expect(features.inBoth == built.pictures)
            found += features.inBoth
            #expect(try world.build("--shard", "\(number)/3", "--store", "one.fcstore").status == 0)
        }
        #expect(pictures == 48 && found == 48)
        let (whole, status) = try compare("one.fcstore", "features.fcstore", world)
        #expect(status == 0 && whole.same && whole.spaces.first?.features?.inBoth == 48)

        let text = try world.build("--shard", "1/3")
        #expect(text.output.contains("of shard 1/3"), "\(text.output)")
        for wrong in ["0/3", "4/3", "3", "a/b", "1/3/5", "-1/3"] {
            let run = try world.build("--shard=\(wrong)")
            #expect(run.status == 64 && run.messages.contains("--shard"), "\(wrong): \(run.messages)")
        }
    }

    @Test("Compare tells what differs, and two networks' features are never taken for the same")
    func comparison() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        #expect(try world.build("--store", "other.fcstore", "--seed", "5").status == 0)
        let same = try world.program.run("compare", "features.fcstore", "other.fcstore")
        #expect(same.status == 0 && same.output.hasPrefix("the same\n"), "\(same.output) \(same.messages)")

        try FileManager.default.removeItem(atPath: world.program.path("photos/class-0/3.bmp"))
        try FileManager.default.moveItem(
            atPath: world.program.path("photos/class-1/4.bmp"), toPath: world.program.path("photos/class-2/moved.bmp"))
        #expect(try world.build("--store", "other.fcstore").status == 0)
        let (compared, status) = try compare("features.fcstore", "other.fcstore", world)
        let space = try #require(compared.spaces.first)
        #expect(status == 1 && !compared.same && compared.schema == 1)
        #expect(space.features?.inBoth == 48 && space.features?.onlyInFirst.count == 0)
        #expect(space.listing.onlyInFirst.count == 2 && space.listing.onlyInSecond.count == 1)
        #expect(space.listing.onlyInSecond.examples.first?.hasSuffix("class-2/moved.bmp") == true)
        let text = try world.program.run("compare", "features.fcstore", "other.fcstore")
        #expect(text.status == 1 && text.output.hasPrefix("different\n") && text.output.contains("class-0/3.bmp"))

        try SampleWorld.weights(seed: 2).write(to: URL(fileURLWithPath: world.program.path("net.safetensors")))
        #expect(try world.build("--store", "net2.fcstore").status == 0)
        let (foreign, _) = try compare("features.fcstore", "net2.fcstore", world)
        #expect(!foreign.same && foreign.spaces.isEmpty)
        #expect(foreign.spacesOnlyInA.first?.differentFields.first?.hasPrefix("model.tensors: ") == true)
        let (asked, code) = try compare("features.fcstore", "net2.fcstore", world, "--space", "net.safetensors")
        #expect(code == 1 && asked.spaces.first?.features?.largestDifference ?? 0 > 0)
        let (loose, _) = try compare(
            "features.fcstore", "net2.fcstore", world, "--space", "net.safetensors", "--tolerance", "1e9")
        #expect(loose.spaces.first?.features?.beyondTolerance.count == 0)
        #expect(try world.program.run("compare", "features.fcstore", "nowhere").status == 2)
        #expect(try world.program.run("compare", "a", "b", "--tolerance", "-1").status == 64)
    }

    @Test("Remove takes a folder that is gone off the listing; its features stay and serve again")
    func removal() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        try Data("just a note".utf8).write(to: URL(fileURLWithPath: world.program.path("photos/class-3/note.jpg")))
        #expect(try world.build("--allow-skips").status == 0)
        try FileManager.default.moveItem(
            atPath: world.program.path("photos"), toPath: world.program.path("renamed"))
        let wrong = try world.program.run("remove", "photos/class-3", "photos/class-9")
        #expect(wrong.status == 2 && wrong.messages.contains("photos/class-9"), "\(wrong.messages)")
        #expect(try world.program.run("inspect", "--json").json(as: Inspected.self).pictures == 48)

        let run = try world.program.run("remove", "photos/class-3", "photos/class-0/1.bmp", "--json")
        let removed: Removed = try run.json()
        #expect(run.status == 0 && removed.schema == 1 && removed.pictures.count == 13)
        #expect(removed.failures.count == 1 && removed.failures[0].hasSuffix("photos/class-3/note.jpg"))
        let text = try world.program.run("remove", "photos")
        #expect(text.status == 0 && text.output.contains("35 pictures"), "\(text.output)")
        let inspected: Inspected = try world.program.run("inspect", "--json").json()
        #expect(inspected.pictures == 0 && inspected.spaces.first?.rows == 48 && inspected.spaces.first?.deadRows == 0)
        let bytes = Double(inspected.segmentBytes + inspected.indexBytes) / 48
        #expect(abs((inspected.bytesPerFeature ?? 0) - bytes) < 1e-6)

        let again = try world.program.run(
            "build", "renamed", "--weights", "net.safetensors", "--allow-skips", "--json")
        let built: Built = try again.json()
        #expect(built.extracted == 0 && built.duplicates == 48)
    }

    @Test("A folder with another application's index.sqlite is left as it is")
    func foreignIndex() throws {
        let world = try SampleWorld(classes: 2, perClass: 2)
        defer { world.program.clean() }
        let folder = world.program.path("catalog")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = ReadOnlyPlace.status([
            "/usr/bin/env", "python3", "-c",
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE albums (name)')",
            folder + "/index.sqlite",
        ])
        #expect(made == 0)
        let before = try world.files(below: "catalog")
        let run = try world.build("--store", "catalog")
        #expect(run.status == 2 && run.messages.contains("another application"), "\(run.messages)")
        #expect(try world.files(below: "catalog") == before)
    }

    @Test("Several cuts in one pass give each space what a build of its own gives it, bit for bit")
    func severalCuts() throws {
        struct Built: Decodable {
            struct Space: Decodable { let name: String }
            let extracted, unchanged: Int
            let spaces: [Space]
        }
        let world = try SampleWorld()
        defer { world.program.clean() }
        let cuts = ["--cut", "layer3", "--freeze-to", "layer4", "--cut", "fc"]
        let command = ["build", "photos", "--weights", "net.safetensors", "--json", "--store", "many.fcstore"] + cuts
        let built: Built = try world.program.run(command).json()
        #expect(built.extracted == 48 && built.spaces.map(\.name).map { $0.contains("@ layer3.0") }.first == true)
        #expect(built.spaces.count == 3)
        for cut in ["layer3", "layer4", "fc"] {
            #expect(try world.build("--cut", cut, "--add-space", "--store", "single.fcstore").status == 0)
        }
        let (compared, status) = try compare("many.fcstore", "single.fcstore", world)
        #expect(status == 0 && compared.same && compared.spaces.count == 3)
        let again: Built = try world.program.run(command).json()
        #expect(again.extracted == 0 && again.unchanged == 48)

        let twice = try world.program.run(
            "build", "photos", "--weights", "net.safetensors", "--cut", "fc", "--cut", "fc", "--store", "x.fcstore")
        #expect(twice.status == 2 && twice.messages.contains("is given already"))
    }

    @Test("A build that asks for nothing goes on with all cuts of the store's network, and only of one")
    func goingOn() throws {
        struct Built: Decodable {
            struct Space: Decodable { let name: String }
            let extracted, unchanged: Int
            let spaces: [Space]
        }
        let world = try SampleWorld(classes: 2, perClass: 6)
        defer { world.program.clean() }
        #expect(try world.build("--cut", "layer3", "--store", "s.fcstore").status == 0)
        #expect(try world.build("--add-space", "--store", "s.fcstore").status == 0)
        var generator = SeededGenerator(seed: 99)
        try SampleWorld.picture(of: 1, &generator)
            .write(to: URL(fileURLWithPath: world.program.path("photos/class-1/new.bmp")))
        let command = ["build", "photos", "--store", "s.fcstore", "--json"]
        let built: Built = try world.program.run(command).json()
        #expect(built.extracted == 1 && built.unchanged == 12 && built.spaces.count == 2)

        try SampleWorld.weights(seed: 2).write(to: URL(fileURLWithPath: world.program.path("other.safetensors")))
        let other = ["build", "photos", "--weights", "other.safetensors", "--add-space", "--store", "s.fcstore"]
        #expect(try world.program.run(other).status == 0)
        let unclear = try world.program.run(command)
        #expect(unclear.status == 2 && unclear.messages.contains("Say which to go on with"), "\(unclear.messages)")
    }
}
