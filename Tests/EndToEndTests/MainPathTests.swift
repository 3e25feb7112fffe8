import Foundation
import Tensors
import Testing

@Suite("The main path: build, train-head, query")
struct MainPathTests {
    @Test("A run can be gone on with; its record, journal and event file are there; the losses are listed")
    func runs() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let command = [
            "train-head", "--output-dim", "8", "--epochs", "3", "--batch-size", "16", "--name", "h", "--loss",
            "ArcFaceLoss(margin=20)", "--keep-trained", "--precision", "f32",
        ]
        #expect(try world.program.run(command).status == 0)
        let head = world.program.path("features.fcstore/heads/h/head.safetensors")
        let bytes = try #require(FileManager.default.contents(atPath: head))
        #expect(try world.program.run(command).status == 2)
        let resumed = try world.program.run(command + ["--resume"])
        #expect(resumed.status == 0 && FileManager.default.contents(atPath: head) == bytes, "\(resumed.messages)")
        let other = try world.program.run(command + ["--resume", "--seed", "5"])
        #expect(other.status == 2 && other.messages.contains("was started with other settings"))
        let record = world.program.path("features.fcstore/heads/h/run.json")
        try Data("{\"schema\": 1}".utf8).write(to: URL(fileURLWithPath: record))
        let asked = try world.program.run(["evaluate"])
        #expect(asked.status == 2 && asked.messages.contains("was written by another version"), "\(asked.messages)")
        #expect(try world.program.run(command + ["--replace"]).status == 0)
        let run = world.program.path("features.fcstore/runs/h")
        let files = try FileManager.default.contentsOfDirectory(atPath: run)
        #expect(files.contains("metrics.jsonl") && files.contains { $0.hasPrefix("events.out.tfevents") })
        let listed = try world.program.run(["losses"])
        #expect(listed.status == 0 && listed.output.contains("SupConLoss") && listed.output.contains("temperature=0.1"))
    }

    @Test("Views are stored beside, kept up by the next build and trained on; sets choose who is searched where")
    func viewsAndSets() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        let built = try world.build("--views", "3")
        #expect(built.status == 0 && built.messages.contains("view crop 2 seed 0"), "\(built.messages)")
        let again = try world.program.run(["build", "photos"])
        #expect(again.status == 0 && again.messages.contains("view flip") && again.output.contains("0 new"))
        let table = world.program.path("split.csv")
        let rows = (0..<12).flatMap { number in
            (0..<4).map {
                "photos/class-\($0)/\(number).bmp,\(number < 3 ? "query" : number < 6 ? "gallery" : "train")"
            }
        }
        try Data(("path,split\n" + rows.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: table))
        let command = ["train-head", "--output-dim", "8", "--epochs", "1", "--batch-size", "16", "--keep-trained"]
        let trained = try world.program.run(
            command + [
                "--validation", "split.csv:query", "--validation-index", "split.csv:gallery", "--examples", "2",
                "--name", "a",
            ])
        #expect(trained.status == 0 && trained.messages.contains("training on 3 views"), "\(trained.messages)")
        #expect(trained.output.contains("24 pictures") && trained.output.contains("held out (12)"), "\(trained.output)")
        #expect(trained.output.components(separatedBy: "photos/class").count == 2 + 2 * 5 * 2 + 1)
        let sets = ["--queries", "split.csv:query", "--index", "split.csv:gallery"]
        let judged = try world.program.run(["evaluate", "--head", "a"] + sets)
        #expect(judged.status == 0 && judged.messages.contains("12 queries in 12 pictures"), "\(judged.messages)")
        let going = try world.program.run(["train-head", "--continue-from", "a", "--epochs", "1", "--name", "b"])
        #expect(going.status == 0 && going.output.contains("as it was"), "\(going.messages)")
        let swept = try world.program.run(
            command + [
                "--sweep", "loss=SupConLoss,ArcFaceLoss(margin=20)", "--sweep", "learning-rate=1e-4,1e-2", "--name",
                "s",
            ])
        #expect(swept.status == 0, "\(swept.messages)")
        #expect(
            swept.output.components(separatedBy: "ArcFaceLoss(margin=20)").count > 2 && swept.output.contains("best"))
        #expect(FileManager.default.fileExists(atPath: world.program.path("features.fcstore/runs/s.4/metrics.jsonl")))
        for sweep in ["loss=", "width=3", "learning-rate=0", "loss=Nothing"] {
            #expect(try world.program.run(command + ["--sweep", sweep]).status == 64)
        }
        let wrong = try world.program.run(command + ["--continue-from", "nobody"])
        #expect(wrong.status == 2 && wrong.messages.contains("neither a head of this store nor a file"))
        let judgedBy = try world.program.run(
            ["evaluate", "--head", "none", "--intervals", "--classes", "2", "--confusions", "3"])
        #expect(judgedBy.status == 0 && judgedBy.output.contains("95 % interval"), "\(judgedBy.messages)")
        #expect(judgedBy.output.components(separatedBy: "class-").count >= 3)
        let compared = try world.program.run(["evaluate", "--compare", "none,a,b", "--intervals"])
        #expect(compared.status == 0 && compared.output.components(separatedBy: "change").count == 3)
        let judgment = ["evaluate", "--head", "none", "--fail-under"]
        #expect(try world.program.run(judgment + ["precision@1=0"]).status == 0)
        let below = try world.program.run(judgment + ["f1@20=1"])
        #expect(below.status == 1 && below.messages.contains("below 1.0"), "\(below.messages)")
        for wrong in [
            ["--fail-under", "map@r"], ["--fail-under", "loss=0.1"], ["--compare", "a"],
            ["--compare", "a,b", "--head", "a"],
        ] {
            #expect(try world.program.run(["evaluate"] + wrong).status == 64)
        }
        let noRows = try world.program.run(["evaluate", "--queries", "split.csv:validation"])
        #expect(noRows.status == 2 && noRows.messages.contains("has no row of the split 'validation'"))
    }

    private struct Built: Decodable {
        let pictures, extracted, unchanged, duplicates, removed: Int
    }

    @Test("From a folder to neighbors, and again without work")
    func wholeRoad() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        let first = try world.build("--json")
        #expect(first.status == 0, "\(first.messages)")
        let built: Built = try first.json()
        #expect(built.pictures == 48 && built.extracted == 48)

        let again: Built = try world.build("--json").json()
        #expect(again.extracted == 0 && again.unchanged == 48)

        let trained = try world.program.run(
            "train-head", "--output-dim", "8", "--epochs", "3", "--batch-size", "16", "--name", "small")
        #expect(trained.status == 0, "\(trained.messages)")
        #expect(trained.output.contains("precision@1"))

        for head in ["none", "small"] {
            let asked = try world.program.run("query", "photos/class-2/3.bmp", "-k", "5", "--head", head, "--json")
            #expect(asked.status == 0, "\(asked.messages)")
            let answer: QueryReply = try asked.json()
            #expect(answer.queries.map(\.results).map { $0.map(\.head) } == [[head]])
            #expect(answer.neighbors.map(\.rank) == [1, 2, 3, 4, 5])
            #expect(answer.neighbors[0].path.hasSuffix("photos/class-2/3.bmp"))
            #expect(answer.neighbors[0].score > 0.999)
            #expect(answer.neighbors.map(\.score) == answer.neighbors.map(\.score).sorted(by: >))
        }
    }

    @Test("A picture that is not in the store is embedded by the same network")
    func foreignPicture() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let copy = world.program.path("copy.bmp")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-1/0.bmp")))
        bytes[bytes.count - 1] ^= 1  // one pixel differs a little: other content, nearly the same feature
        try bytes.write(to: URL(fileURLWithPath: copy))
        let asked = try world.program.run("query", copy, "-k", "1", "--head", "none", "--json")
        let answer: QueryReply = try asked.json()
        #expect(answer.neighbors[0].path.hasSuffix("photos/class-1/0.bmp"))
        #expect(answer.neighbors[0].score > 0.99)
    }

    @Test("The same seed gives a byte-identical head, another seed another; memory enough changes nothing")
    func determinism() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        for (name, seed, more) in [("a", "5", []), ("b", "5", ["--memory", "1G"]), ("c", "6", [])] {
            let run = try world.program.run(
                [
                    "train-head", "--output-dim", "8", "--epochs", "2", "--batch-size", "16", "--name", name,
                    "--keep-trained",
                ]
                    + ["--seed", seed] + more)
            #expect(run.status == 0, "\(run.messages)")
            #expect(run.messages.contains("features stay in memory"))
        }
        let heads = ["a", "b", "c"].map {
            FileManager.default.contents(atPath: world.program.path("features.fcstore/heads/\($0)/head.safetensors"))
        }
        #expect(heads[0] != nil && heads[0] == heads[1])
        #expect(heads[0] != heads[2])
    }

    @Test("A head file works on another store of the same space")
    func headFile() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        #expect(try world.build("--store", "other.fcstore").status == 0)
        let run = try world.program.run(
            "train-head", "--output-dim", "8", "--epochs", "1", "--batch-size", "16", "--name", "h")
        #expect(run.status == 0)
        let evaluated = try world.program.run(
            "evaluate", "--store", "other.fcstore", "--head", "features.fcstore/heads/h/head.safetensors", "--json")
        #expect(evaluated.status == 0, "\(evaluated.messages)")
        #expect(evaluated.output.contains("\"precision@1\""))
    }

    @Test("Changes of the folder: new, duplicate, removed and changed pictures")
    func incremental() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let photos = world.program.path("photos")
        try FileManager.default.copyItem(atPath: "\(photos)/class-0/0.bmp", toPath: "\(photos)/class-0/copy.bmp")
        try FileManager.default.removeItem(atPath: "\(photos)/class-1/5.bmp")
        var generator = SeededGenerator(seed: 99)
        try SampleWorld.picture(of: 3, &generator).write(to: URL(fileURLWithPath: "\(photos)/class-3/new.bmp"))
        let built: Built = try world.build("--json").json()
        #expect(built.extracted == 1 && built.duplicates == 1 && built.removed == 1 && built.unchanged == 47)
    }

    @Test("Export writes an array and a table that belong together")
    func export() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let run = try world.program.run("export", "--to", "npy", "--output", "f.npy")
        #expect(run.status == 0, "\(run.messages)")
        let array = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: world.program.path("f.npy"))))
        #expect(array.shape == [48, 32])
        let lines = try String(contentsOfFile: world.program.path("f.csv"), encoding: .utf8)
            .split(whereSeparator: \.isNewline)
        #expect(lines.count == 49)
        #expect(lines[0] == "row,id,path,label,split")
        #expect(lines[1].hasSuffix("photos/class-0/0.bmp,class-0,"))
    }

    @Test("The listings of networks and stores")
    func listings() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let models = try world.program.run("models")
        #expect(
            models.status == 0 && models.output.contains("resnet50") && models.output.contains("efficientnet-lite0"))
        let layers = try world.program.run("layers", "resnet50")
        #expect(layers.status == 0, "\(layers.messages)")
        #expect(layers.output.contains("layer4.2.conv3") && layers.output.contains("2048x7x7"))
        let own = try world.program.run("layers", "net.safetensors", "--cut", "layer3")
        #expect(own.status == 0 && own.output.contains("removed"))
        let inspected = try world.program.run("inspect")
        #expect(inspected.status == 0, "\(inspected.messages)")
        #expect(inspected.output.contains("48 listed") && inspected.output.contains("net.safetensors"))
    }

    @Test("Cuts at a feature map, at the classifier, and several spaces in one store")
    func cuts() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let refused = try world.build("--cut", "layer3", "--pool", "gem")
        #expect(refused.status == 2)
        #expect(refused.messages.contains("cut") && refused.messages.contains("--add-space"))
        #expect(try world.build("--cut", "layer3", "--pool", "gem", "--add-space").status == 0)
        #expect(try world.build("--cut", "fc", "--add-space").status == 0)
        let ambiguous = try world.program.run("evaluate", "--head", "none")
        #expect(ambiguous.status == 2 && ambiguous.messages.contains("--space"))
        let chosen = try world.program.run("export", "--space", "net.safetensors @ fc", "-o", "logits.npy")
        #expect(chosen.status == 0, "\(chosen.messages)")
        let logits = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: world.program.path("logits.npy"))))
        #expect(logits.shape == [48, 5])
    }
}
