import Foundation
import PythonPeer
import Testing

@Suite("Lists and features from elsewhere")
struct ImportTests {
    private struct Imported: Decodable {
        struct Report: Decodable {
            let rows, known, differing, withoutFile: Int
        }
        let report: Report
    }

    private struct Built: Decodable {
        let pictures, extracted, unchanged, relabeled, resplit, removed: Int
    }

    private struct Compared: Decodable {
        struct Tally: Decodable { let count: Int }
        struct Features: Decodable {
            let inBoth: Int
            let different: Tally
        }
        struct Space: Decodable { let features: Features }
        let spaces: [Space]
    }

    @Test("A list gives pictures and labels; rows that go leave the store, labels that change are updated")
    func list() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        func build(_ lines: [String], status: Int32 = 0) throws -> Built {
            try Data((["file_name,label"] + lines).joined(separator: "\n").utf8)
                .write(to: URL(fileURLWithPath: world.program.path("list.csv")))
            let run = try world.program.run(
                "build", "list.csv", "--weights", "net.safetensors", "--batch-size", "4", "--json")
            #expect(run.status == status, "\(run.messages)")
            return try run.json()
        }
        let all = (0..<8).map { "photos/class-\($0 / 4)/\($0 % 4).bmp" }
        let first = try build(all.map { $0 + ",bird" })
        #expect(first.pictures == 8 && first.extracted == 8)
        let second = try build(all.prefix(6).map { $0 + ($0.contains("class-0") ? ",cat" : ",bird") })
        #expect(second.extracted == 0 && second.relabeled == 4 && second.removed == 2)
        let third = try build(
            all.prefix(6).map { $0 + ",bird" } + ["https://x.org/y.jpg,cat", "gone.bmp,cat"], status: 1)
        #expect(third.extracted == 0)
        let found = try world.program.run("query", all[0], "-k", "9", "--head", "none", "--json").json(
            as: QueryReply.self)
        #expect(found.neighbors.count == 6 && found.neighbors.allSatisfy { $0.label == "bird" })
    }

    @Test(
        "Archives and what comes in on standard input give the same features as the files; splits are kept and followed"
    )
    func archives() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let all = (0..<8).map { "photos/class-\($0 / 4)/\($0 % 4).bmp" }
        func build(_ inputs: String, _ store: String, input: String? = nil) throws -> Built {
            let network = ["--weights", "net.safetensors", "--batch-size", "4"]
            let run = try world.program.run(
                ["build", inputs, "--json", "--store", store] + network, input: input.map(world.program.path))
            #expect(run.status == 0, "\(run.messages)")
            return try run.json()
        }
        _ = try Python.run(
            "python3",
            "import sys, tarfile\nwith tarfile.open(sys.argv[1] + '/photos.tar', 'w') as a: a.add(sys.argv[1] + '/photos', '')",
            world.program.folder.path)
        #expect(try build("photos.tar", "t.fcstore").extracted == 8)
        let lines = try all.enumerated().map { number, path in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path(path))).base64EncodedString()
            return
                #"{"path": "\#(path)", "label": "class-\#(number / 4)", "split": "\#(number % 2 == 0 ? "train" : "test")", "bytes": "\#(bytes)"}"#
        }
        let objects = lines.joined(separator: "\n")
        try Data(objects.utf8).write(to: URL(fileURLWithPath: world.program.path("lines")))
        #expect(try build("-", "s.fcstore", input: "lines").extracted == 8)
        #expect(try build("-", "s.fcstore", input: "lines").unchanged == 8)
        for other in ["t.fcstore", "s.fcstore"] {
            let same = try world.program.run("compare", "features.fcstore", other, "--json").json(as: Compared.self)
            #expect(same.spaces[0].features.inBoth == 8 && same.spaces[0].features.different.count == 0)
        }
        func found(_ split: String) throws -> Set<String> {
            let run = try world.program.run(
                "query", all[0], "-k", "9", "--head", "none", "--split", split, "--store", "s.fcstore", "--json")
            return Set(try run.json(as: QueryReply.self).neighbors.map { String($0.path.suffix(5)) })
        }
        #expect(try found("test") == ["1.bmp", "3.bmp"])
        try Data(objects.replacing("\"test\"", with: "\"val\"").utf8)
            .write(to: URL(fileURLWithPath: world.program.path("lines")))
        let again = try build("-", "s.fcstore", input: "lines")
        #expect(again.resplit == 4 && again.relabeled == 0 && again.unchanged == 4)
        #expect(try found("val") == ["1.bmp", "3.bmp"])
        let none = try world.program.run("query", all[0], "--split", "test", "--store", "s.fcstore")
        #expect(none.status == 2 && none.messages.contains("no split of it (it has train; val)"))
        let nothing = try world.program.run("build", "-", "--weights", "net.safetensors")
        #expect(nothing.status == 2 && nothing.messages.contains("names no picture"))
    }

    @Test("Features that were exported and taken in again find the same, train a head, and refuse what they cannot")
    func features() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        func run(_ arguments: String..., status: Int32 = 0) throws -> Program.Outcome {
            let run = try world.program.run(arguments)
            #expect(run.status == status, "\(run.messages)")
            return run
        }
        _ = try run("export", "-o", "f.npy")
        let take = [
            "import", "--features", "f.npy", "--listing", "f.csv", "--space-name", "elsewhere", "--store", "i.fcstore",
            "--json",
        ]
        let first: Imported = try world.program.run(take).json()
        #expect(first.report.rows == 48 && first.report.known == 0 && first.report.withoutFile == 0)
        let again: Imported = try world.program.run(take).json()
        #expect(again.report.known == 48 && again.report.differing == 0)
        // The first two rows the other way around.
        let whole = try Data(contentsOf: URL(fileURLWithPath: world.program.path("f.npy")))
        let (row, header) = (32 * 4, whole.count - 48 * 32 * 4)
        let turned =
            whole.prefix(header) + whole.dropFirst(header + row).prefix(row) + whole.dropFirst(header).prefix(row)
            + whole.dropFirst(header + 2 * row)
        try turned.write(to: URL(fileURLWithPath: world.program.path("turned.npy")))
        let differing = try run(
            "import", "--features", "turned.npy", "--listing", "f.csv", "--space-name", "elsewhere", "--store",
            "i.fcstore", status: 1)
        #expect(differing.messages.contains("2 rows of turned.npy differ"), "\(differing.messages)")
        let picture = "photos/class-1/3.bmp"
        let original = try run("query", picture, "-k", "6", "--head", "none", "--json").json(as: QueryReply.self)
        let imported = try run("query", picture, "-k", "6", "--store", "i.fcstore", "--json").json(as: QueryReply.self)
        #expect(imported.neighbors == original.neighbors)
        _ = try run("train-head", "--output-dim", "8", "--epochs", "1", "--batch-size", "16", "--store", "i.fcstore")
        // A picture that is new here has no feature, but its vector does.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path(picture)))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: world.program.path("new.bmp")))
        let refused = try run("query", "new.bmp", "--store", "i.fcstore", status: 2)
        #expect(refused.messages.contains("was imported") && refused.messages.contains("--vector"))
        _ = try run("embed", "new.bmp", "--head", "none", "-o", "v.npy")
        let byVector = try run(
            "query", "--vector", "v.npy", "-k", "6", "--head", "none", "--store", "i.fcstore", "--json"
        )
        .json(as: QueryReply.self)
        #expect(byVector.queries[0].query == "v.npy" && byVector.neighbors[0].path.hasSuffix(picture))
        let folder = try run("query", "--vector", "f.npy", "-k", "1", "--head", "none", "--json").json(
            as: QueryReply.self)
        #expect(folder.queries.count == 48 && folder.queries[47].query == "f.npy[47]")
        #expect(
            try run("export", "--to", "onnx", "-o", "m.onnx", "--store", "i.fcstore", status: 2).messages.contains(
                "imported"))
        try Data("a.jpg,x\n".utf8).write(to: URL(fileURLWithPath: world.program.path("short.csv")))
        let short = try run(
            "import", "--features", "f.npy", "--listing", "short.csv", "--space-name", "s", "--store", "n.fcstore",
            status: 2)
        #expect(short.messages.contains("lists 1 pictures for 48 rows"))
        #expect(!FileManager.default.fileExists(atPath: world.program.path("n.fcstore")))
        let other = try run("query", "--vector", "knn.npy", "--store", "i.fcstore", status: 2)
        #expect(other.messages.contains("knn.npy"))
    }
}
