import Foundation
import Testing

@Suite("Merging, collecting, verifying and repairing")
struct MaintenanceTests {
    private func run(_ world: SampleWorld, _ arguments: String...) throws -> Program.Outcome {
        try world.program.run(arguments)
    }

    private func isSame(_ a: String, _ b: String, _ world: SampleWorld) throws -> Bool {
        try run(world, "compare", a, b).status == 0
    }

    @Test("Shards merged are the store of one build; a second merge brings nothing")
    func merge() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        for number in 1...3 {
            #expect(try world.build("--shard", "\(number)/3", "--store", "s\(number).fcstore").status == 0)
        }
        let merge = ["merge", "s1.fcstore", "s2.fcstore", "s3.fcstore", "--into", "merged.fcstore", "--json"]
        struct Answer: Decodable {
            struct Report: Decodable { let features, duplicates, pictures, chunksAppended: Int }
            let report: Report
        }
        let first: Answer = try world.program.run(merge).json()
        #expect(first.report.features == 48 && first.report.pictures == 48 && first.report.duplicates == 0)
        #expect(try isSame("merged.fcstore", "features.fcstore", world))
        let second: Answer = try world.program.run(merge).json()
        #expect(second.report.features == 0 && second.report.chunksAppended == 0 && second.report.duplicates == 48)
        #expect(try run(world, "verify", "--full", "--store", "merged.fcstore").status == 0)

        let other = try world.build("--store", "u8.fcstore", "--dtype", "u8")
        #expect(other.status == 0, "\(other.messages)")
        let mixed = try run(world, "merge", "u8.fcstore", "--into", "merged.fcstore")
        #expect(mixed.status == 2 && mixed.messages.contains("row type: u8 here, f16 there"), "\(mixed.messages)")
        #expect(try run(world, "merge", "u8.fcstore", "--into", "merged.fcstore", "--add-space").status == 0)
        let missing = try run(world, "merge", "nowhere.fcstore", "--into", "new.fcstore")
        #expect(missing.status == 2 && missing.messages.contains("does not exist"))
        #expect(!FileManager.default.fileExists(atPath: world.program.path("new.fcstore")))
    }

    @Test("Every row type gives the same neighbors, and fewer bytes mean nearly the same numbers")
    func rowTypes() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build("--dtype", "f32").status == 0)
        for (rowType, tolerance) in [("f16", "0.01"), ("bf16", "0.1"), ("u8", "0.1")] {
            #expect(try world.build("--dtype", rowType, "--store", "\(rowType).fcstore").status == 0)
            let names = [
                "compare", "features.fcstore", "\(rowType).fcstore", "--space", "net", "--tolerance", tolerance,
            ]
            let compared = try world.program.run(names)
            #expect(compared.status == 0, "\(rowType): \(compared.output)\(compared.messages)")
            let query = try run(
                world, "query", "photos/class-1/3.bmp", "-k", "1", "--head", "none", "--store", "\(rowType).fcstore")
            #expect(query.output.contains("photos/class-1/3.bmp"), "\(query.output)")
            // A picture that is not in the store needs the network again, with the row type that the store has.
            try FileManager.default.copyItem(
                atPath: world.program.path("photos/class-2/1.bmp"), toPath: world.program.path("new-\(rowType).bmp"))
            let handle = try #require(FileHandle(forWritingAtPath: world.program.path("new-\(rowType).bmp")))
            try handle.seek(toOffset: 200)
            try handle.write(contentsOf: Data([1, 2, 3]))
            let fresh = try run(world, "query", "new-\(rowType).bmp", "-k", "1", "--store", "\(rowType).fcstore")
            #expect(fresh.status == 0, "\(fresh.messages)")
        }
        let unknown = try world.build("--dtype", "f8")
        #expect(unknown.status == 64 && unknown.messages.contains("--dtype"))
    }

    @Test("gc shows, then drops what was removed; what is listed stays as it was")
    func collect() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        #expect(try run(world, "remove", "photos/class-0", "photos/class-3").status == 0)
        #expect(try run(world, "export", "-o", "before.npy").status == 0)
        let shown = try run(world, "gc")
        #expect(shown.status == 0 && shown.output.contains("would be written anew"), "\(shown.output)")
        let applied = try run(world, "gc", "--apply")
        #expect(
            applied.status == 0 && applied.output.contains("24 rows dropped"), "\(applied.output)\(applied.messages)")
        #expect(try run(world, "export", "-o", "after.npy").status == 0)
        for name in ["npy", "csv"] {
            let files = try ["before", "after"].map { name2 in
                try Data(contentsOf: URL(fileURLWithPath: world.program.path("\(name2).\(name)")))
            }
            #expect(files[0] == files[1], "\(name)")
        }
        #expect(try run(world, "verify", "--full").status == 0)
        #expect(try run(world, "gc", "--threshold", "2").status == 64)
    }

    @Test("Damage is named by verify, mended by repair, and what was lost is computed again")
    func damage() throws {
        let world = try SampleWorld(classes: 4, perClass: 80)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        #expect(try run(world, "train-head", "--output-dim", "8", "--epochs", "1", "--name", "h").status == 0)
        try FileManager.default.copyItem(
            atPath: world.program.path("features.fcstore"), toPath: world.program.path("whole.fcstore"))
        let segment = world.program.path("features.fcstore/segments/000001.seg")
        let handle = try #require(FileHandle(forWritingAtPath: segment))
        // In the last chunk, whose rows may be lost with their contents or without.
        let length = try handle.seekToEnd()
        try handle.seek(toOffset: length - 6000)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 500))
        let found = try run(world, "verify", "--full")
        #expect(found.status == 1)
        #expect(found.output.contains("000001.seg: chunk 2 at byte"), "\(found.output)")
        #expect(found.output.contains("photos/class-"), "\(found.output)")
        let query = try run(world, "evaluate", "--head", "none")
        #expect(query.status == 2 && query.messages.contains("finetuner-cache repair"), "\(query.messages)")
        let repaired = try run(world, "repair")
        #expect(repaired.status == 1 && repaired.output.contains("photos/class-"), "\(repaired.output)")
        #expect(try run(world, "verify", "--full").status == 0)
        #expect(try world.build().status == 0)
        #expect(try isSame("features.fcstore", "whole.fcstore", world))

        try FileManager.default.removeItem(atPath: world.program.path("features.fcstore/index.sqlite"))
        #expect(try run(world, "verify").status == 1)
        #expect(try run(world, "repair").status == 0)
        #expect(try isSame("features.fcstore", "whole.fcstore", world))

        let head = world.program.path("features.fcstore/heads/h/head.safetensors")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: head))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: head))
        let verified = try run(world, "verify")
        #expect(verified.status == 1 && verified.output.contains("heads/h/head.safetensors"), "\(verified.output)")
    }
}
