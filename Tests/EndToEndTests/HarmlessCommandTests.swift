import FeatureStorage
import Foundation
import Pipeline
import Testing

@Suite("Commands harm nothing that they were not told to change")
struct HarmlessCommandTests {
    private func built() throws -> SampleWorld {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        return world
    }

    private func data(_ name: String, _ world: SampleWorld) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: world.program.path(name)))
    }

    private struct Contents: Decodable { let labels: [String: Int] }

    private func labels(_ world: SampleWorld) throws -> [String: Int] {
        try world.program.run("inspect", "--json").json(as: Contents.self).labels
    }

    @Test("An option without a value does not take a picture for it")
    func emptyValues() throws {
        let world = try built()
        defer { world.program.clean() }
        let (first, second) = ("photos/class-0/0.bmp", "photos/class-0/1.bmp")
        let before = try data(first, world)
        let bare = try world.program.run("query", "--html=", first, second)
        #expect(bare.status == 64 && bare.messages.contains("Missing value for '--html'"), "\(bare.messages)")
        let unset = try world.program.run("query", first, second, environment: ["FTC_HTML": "", "FTC_CONFIG": ""])
        #expect(unset.status == 0, "\(unset.messages)")
        try Data("[query]\nhtml = \"\"\n".utf8).write(to: URL(fileURLWithPath: world.program.path("c.toml")))
        let file = try world.program.run("query", "--config", "c.toml", first, second)
        #expect(file.status == 2 && file.messages.contains("query.html: is empty"), "\(file.messages)")
        #expect(try data(first, world) == before)
    }

    @Test("A build of one picture or of one class keeps the labels that the store knows")
    func labels() throws {
        let world = try built()
        defer { world.program.clean() }
        let all = try labels(world)
        for input in ["photos/class-1/3.bmp", "photos/class-2"] {
            let run = try world.program.run("build", input, "--weights", "net.safetensors")
            #expect(run.status == 0 && run.output.contains("0 new, \(input.hasSuffix("bmp") ? 1 : 12) unchanged"))
            #expect(try labels(world) == all, "\(input)")
        }
        // With other bytes too.
        let path = world.program.path("photos/class-1/3.bmp")
        var bytes = try data("photos/class-1/3.bmp", world)
        bytes[bytes.count - 1] ^= 255
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try world.program.run("build", path, "--weights", "net.safetensors").output.contains("1 new"))
        #expect(try labels(world) == all)
    }

    @Test("A training that cannot begin leaves the run of the head that is there, and none where there was none")
    func failedTraining() throws {
        let world = try built()
        defer { world.program.clean() }
        let train = ["train-head", "--output-dim", "8", "--epochs", "2", "--name"]
        #expect(try world.program.run(train + ["h"]).status == 0)
        let journal = "features.fcstore/runs/h/metrics.jsonl"
        let before = try data(journal, world)
        for wrong in [["--validation", "nowhere"], ["--memory", "1"]] {
            #expect(try world.program.run(train + ["h", "--replace"] + wrong).status == 2)
            #expect(try world.program.run(train + ["new"] + wrong).status == 2)
        }
        #expect(try data(journal, world) == before)
        #expect(!FileManager.default.fileExists(atPath: world.program.path("features.fcstore/runs/new")))
    }

    @Test("Trainings of one name, or of a sweep's run with a head's name, keep out of each other's way")
    func names() throws {
        let world = try built()
        defer { world.program.clean() }
        let train = ["train-head", "--output-dim", "8", "--epochs", "1"]
        do {
            let store = try FeatureStore(path: world.program.path("features.fcstore"))
            let lock = try #require(try RunLock("head-1", in: store))
            let named = try world.program.run(train + ["--name", "head-1"])
            #expect(named.status == 2 && named.messages.contains("is being trained by another process"))
            let free = try world.program.run(train)
            #expect(free.status == 0 && free.output.contains("head head-2:"), "\(free.messages)")
            withExtendedLifetime(lock) {}
        }
        #expect(try world.program.run(train + ["--name", "a.1"]).status == 0)
        let sweep = try world.program.run(train + ["--name", "a", "--sweep", "learning-rate=1e-3,1e-4"])
        #expect(sweep.status == 2 && sweep.messages.contains("head 'a.1': has the name of a run of this sweep"))
    }

    @Test("A table that says what rows are takes the place of no other file, and nothing is written then")
    func companions() throws {
        let world = try built()
        defer { world.program.clean() }
        let list = Data("path,label\nphotos/class-0/0.bmp,x\n".utf8)
        for command in [["export"], ["neighbors", "--all"], ["embed", "photos/class-0/0.bmp"]] {
            try list.write(to: URL(fileURLWithPath: world.program.path("birds.csv")))
            let refused = try world.program.run(command + ["-o", "birds.npy"])
            #expect(refused.status == 2 && refused.messages.contains("birds.csv: is there already"), "\(command)")
            #expect(try data("birds.csv", world) == list)
            #expect(!FileManager.default.fileExists(atPath: world.program.path("birds.npy")))
            try FileManager.default.removeItem(atPath: world.program.path("birds.csv"))
            for _ in 0..<2 { #expect(try world.program.run(command + ["-o", "birds.npy"]).status == 0, "\(command)") }
            try FileManager.default.removeItem(atPath: world.program.path("birds.npy"))
        }
    }

    @Test("A set of paths finds no other paths of the same bytes")
    func sets() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        let files = FileManager.default
        try files.copyItem(
            atPath: world.program.path("photos/class-0/0.bmp"), toPath: world.program.path("photos/class-1/copy.bmp"))
        #expect(try world.build().status == 0)
        let found = try world.program.run(
            "query", "photos/class-0/0.bmp", "-k", "100", "--split", "photos/class-0", "--json")
        let paths = try found.json(as: QueryReply.self).neighbors.map(\.path)
        #expect(paths.count == 12 && paths.allSatisfy { $0.contains("/class-0/") })
        #expect(try world.program.run("neighbors", "--split", "photos/class-0", "-k", "20", "-o", "k.csv").status == 0)
        #expect(try !String(decoding: data("k.csv", world), as: UTF8.self).contains("copy.bmp"))
    }
}
