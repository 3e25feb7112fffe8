import Foundation
import Testing

@Suite("Searching from the command line")
struct SearchCommandTests {
    /// A store of 4 x 12 pictures with a head h.
    private func world() throws -> SampleWorld {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        let trained = try world.program.run(
            "train-head", "--output-dim", "8", "--epochs", "2", "--batch-size", "16", "--name", "h")
        #expect(trained.status == 0, "\(trained.messages)")
        return world
    }

    private func ask(_ world: SampleWorld, _ arguments: [String]) throws -> QueryReply {
        let asked = try world.program.run(["query", "--json"] + arguments)
        #expect(asked.status == 0, "\(asked.messages)")
        return try asked.json()
    }

    @Test("Pictures by path, folder, id and stdin find the same, under several heads at once")
    func inputs() throws {
        let world = try world()
        defer { world.program.clean() }
        let folder = try ask(world, ["photos/class-1", "-k", "3", "--head", "none,h"])
        #expect(folder.schema == 2 && folder.queries.count == 12)
        #expect(folder.queries.allSatisfy { $0.results.map(\.head) == ["none", "h"] })
        let path = try #require(folder.queries.first { $0.query.hasSuffix("class-1/0.bmp") })
        #expect(path.results[1].neighbors[0].path.hasSuffix("photos/class-1/0.bmp"))
        let byID = try ask(world, ["--id", String(path.id.prefix(12)), "-k", "3", "--head", "none,h"])
        #expect(zip(byID.queries[0].results, path.results).allSatisfy { $0.neighbors == $1.neighbors })
        let piped = try world.program.run(
            ["query", "-", "-k", "3", "--head", "none", "--json"], input: world.program.path("photos/class-1/0.bmp"))
        let reply: QueryReply = try piped.json()
        #expect(reply.queries[0].query == "-" && reply.neighbors == path.results[0].neighbors)
        let voted = try ask(world, ["photos/class-2/1.bmp", "-k", "4", "--classify", "--exclude-self"])
        #expect(voted.queries[0].results[0].suggestions?.first?.label == "class-2")
        #expect(voted.neighbors.allSatisfy { !$0.path.hasSuffix("class-2/1.bmp") })
    }

    @Test("Filters leave what they say, and wrong ones are errors")
    func filters() throws {
        let world = try world()
        defer { world.program.clean() }
        let query = ["photos/class-0/0.bmp", "-k", "100", "--head", "none"]
        #expect(try ask(world, query + ["--label", "class-1", "--label", "class-2"]).neighbors.count == 24)
        #expect(try ask(world, query + ["--not-label", "class-1"]).neighbors.allSatisfy { $0.label != "class-1" })
        #expect(try ask(world, query + ["--split", "photos/class-3"]).neighbors.count == 12)
        #expect(try ask(world, query + ["--min-score", "0.99"]).neighbors.allSatisfy { $0.score >= 0.99 })
        let far = try ask(world, query + ["--metric", "euclidean", "--min-score", "0.5"])
        #expect(
            far.metric == "euclidean" && far.neighbors[0].score == 0 && far.neighbors.allSatisfy { $0.score <= 0.5 })
        let unknown = try world.program.run(["query"] + query + ["--label", "dog"])
        #expect(unknown.status == 2 && unknown.messages.contains("It has class-0, class-1"))
        let few = try world.program.run(["query"] + query)
        #expect(few.status == 0 && few.messages.contains("found 48 pictures of 100: the store has no more"))
        #expect(try world.program.run("remove", "photos").status == 0)
        let none = try world.program.run(["query"] + query)
        #expect(none.status == 2 && none.messages.contains("lists no picture of net.safetensors"), "\(none.messages)")
    }

    @Test("Bad pictures among good ones are named, and the exit code says so")
    func partial() throws {
        let world = try world()
        defer { world.program.clean() }
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: world.program.path("bad.jpg")))
        let some = try world.program.run("query", "photos/class-0/0.bmp", "bad.jpg", "none.jpg", "-k", "2", "--json")
        #expect(some.status == 1 && some.messages.contains("bad.jpg") && some.messages.contains("none.jpg"))
        let reply: QueryReply = try some.json()
        #expect(reply.queries.count == 1 && reply.failures.count == 2)
        #expect(try world.program.run("query", "bad.jpg").status == 2)
        #expect(try world.program.run("query", "--id", "zz").messages.contains("is no stored picture's"))
        #expect(try world.program.run("query").status == 64)
        for wrong in [
            ["--head", "none,"], ["--effort", "0"], ["--index", "hnsw", "--metric", "dot"],
            ["--json", "--thumbnails", "kitty"],
        ] {
            #expect(try world.program.run(["query", "photos/class-0/0.bmp"] + wrong).status == 64)
        }
    }

    @Test("A graph is made, checked, used, extended, and refused where it is damaged or missing")
    func graph() throws {
        let world = try world()
        defer { world.program.clean() }
        let query = ["photos/class-1/0.bmp", "-k", "4", "--head", "h", "--json"]
        let missing = try world.program.run(["query", "--index", "hnsw"] + query)
        #expect(missing.status == 2 && missing.messages.contains("index build --head h"))
        let made = try world.program.run("index", "build", "--head", "h")
        #expect(made.status == 0 && made.output.contains("graph of 48 contents (new)"), "\(made.messages)")
        let exact: QueryReply = try world.program.run(["query", "--index", "exact"] + query).json()
        let found: QueryReply = try world.program.run(["query", "--index", "hnsw"] + query).json()
        #expect(found.neighbors == exact.neighbors)
        let checked = try world.program.run("index", "check", "--head", "h", "--fail-under", "0.99")
        #expect(checked.status == 0 && checked.output.contains("recall@10 1.0000"), "\(checked.messages)")
        try FileManager.default.copyItem(
            atPath: world.program.path("photos/class-0"), toPath: world.program.path("photos/class-9"))
        for number in 0..<3 {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-9/\(number).bmp")))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(fileURLWithPath: world.program.path("photos/class-9/\(number).bmp")))
        }
        #expect(try world.build().status == 0)
        let late = try world.program.run("query", "photos/class-9/1.bmp", "-k", "2", "--head", "h", "--index", "hnsw")
        #expect(late.messages.contains("and 3 newer ones exactly") && late.output.contains("class-9/1.bmp"))
        #expect(try world.program.run("index", "build", "--head", "h").output.contains("(3 added)"))
        let graph = try #require(
            FileManager.default.subpathsOfDirectory(atPath: world.program.path("features.fcstore/heads/h"))
                .first { $0.hasSuffix(".hnsw") })
        let file = world.program.path("features.fcstore/heads/h/\(graph)")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[200] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        let damaged = try world.program.run(["query", "--index", "hnsw"] + query)
        #expect(damaged.status == 2 && damaged.messages.contains("is damaged: the checksum of the section at byte 128"))
        #expect(try world.program.run(["query", "--index", "auto"] + query).status == 0)
        #expect(try world.program.run("index", "build", "--head", "h").output.contains("(new)"))
    }

    @Test("New pictures are embedded, duplicates grouped, the neighbors of all written")
    func exports() throws {
        let world = try world()
        defer { world.program.clean() }
        try FileManager.default.copyItem(
            atPath: world.program.path("photos/class-0/0.bmp"), toPath: world.program.path("photos/class-1/copy.bmp"))
        #expect(try world.build().status == 0)
        let embedded = try world.program.run("embed", "photos/class-1", "--head", "h", "-o", "e.npy", "--normalize")
        #expect(embedded.status == 0, "\(embedded.messages)")
        #expect(embedded.messages.contains("float32 [13, "), "\(embedded.messages)")
        let table = try String(contentsOfFile: world.program.path("e.csv"), encoding: .utf8)
        #expect(table.components(separatedBy: "\r\n").count == 15 && table.hasPrefix("row,id,path\r\n"))
        let groups = try world.program.run("duplicates", "--threshold", "0.99999", "--head", "none", "--mixed-labels")
        #expect(groups.output.contains("class-1/copy.bmp") && groups.output.contains("class-0/0.bmp"))
        let all = try world.program.run("neighbors", "--all", "-k", "3", "-o", "knn.npy", "--head", "h")
        #expect(all.status == 0 && all.messages.contains("int32 [49, 3]"), "\(all.messages)")
        #expect(try world.program.run("neighbors", "--all", "-k", "3", "-o", "knn.csv").status == 0)
        let lines = try String(contentsOfFile: world.program.path("knn.csv"), encoding: .utf8)
        #expect(lines.components(separatedBy: "\r\n").count == 49 * 3 + 2)
        #expect(try world.program.run("neighbors", "-k", "3", "-o", "x.csv").status == 64)
    }

    @Test("A page and a terminal show the pictures")
    func pictures() throws {
        let world = try world()
        defer { world.program.clean() }
        let shown = try world.program.run(
            "query", "photos/class-1/0.bmp", "-k", "3", "--head", "none,h", "--html", "p.html", "--thumbnails", "sixel")
        #expect(shown.status == 0 && shown.output.contains("\u{1B}Pq\"1;1;384;96"), "\(shown.messages)")
        let page = try String(contentsOfFile: world.program.path("p.html"), encoding: .utf8)
        #expect(page.components(separatedBy: "data:image/jpeg").count == 8 && page.contains("class=\"right\""))
        let dumb = try world.program.run(
            ["query", "photos/class-1/0.bmp", "--thumbnails", "auto"], environment: ["TERM": "dumb"])
        #expect(dumb.status == 2 && dumb.messages.contains("is not known to show pictures"))
    }
}
