import Foundation
import Tensors
import Testing

@Suite("A configuration file")
struct ConfigurationFileTests {
    private func write(_ text: String, _ world: SampleWorld) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: world.program.path("c.toml")))
    }

    @Test("gives values of options, flags and lists, which the command line overrides")
    func values() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        try write(
            """
            store = "features.fcstore"
            seed = 3
            [train-head]
            output-dim = 8
            epochs = 3
            seed = 5
            learning-rate = 1e-3
            keep-trained = true
            bias = false
            batch-size = 16
            sweep = ["loss=SupConLoss,ArcFaceLoss(margin=20)"]
            [query]
            neighbors = 2
            """, world)
        let trained = try world.program.run(["train-head", "--config", "c.toml", "--epochs", "1", "--name=h"])
        #expect(trained.status == 0 && trained.output.contains("ArcFaceLoss(margin=20)"), "\(trained.messages)")
        let config = try #require(
            FileManager.default.contents(atPath: world.program.path("features.fcstore/runs/h.1/config.json")))
        let text = String(decoding: config, as: UTF8.self).filter { $0 != " " }
        for fact in [
            "\"seed\":5", "\"epochs\":1", "\"keepsTrained\":true", "\"hasBias\":false", "\"learningRate\":0.001",
        ] {
            #expect(text.contains(fact), "\(fact)")
        }
        for (arguments, lines) in [([], 3), (["-k", "1"], 2), (["--neighbors=4"], 5)] {
            let found = try world.program.run(["query", "--config=c.toml", "photos/class-1/0.bmp"] + arguments)
            #expect(found.status == 0 && found.output.split(separator: "\n").count == lines, "\(found.messages)")
        }
    }

    @Test(
        "that cannot be used is refused with its place",
        arguments: [
            ("x = 3", "c.toml: x: is no option of any command"), ("store = 1979-05-27", "is neither text nor a number"),
            ("[nope]\na = 1", "nope: is no command"), ("[inspect]\njson = 3", "inspect.json: is a flag"),
            ("[inspect]\nstore = ['a', 'b']", "takes one value"), ("\na = [", "c.toml, line 2: is no TOML"),
            ("[train-head]\nwdth = 3", "train-head.wdth: is no option"),
            ("[[inspect]]\njson = true", "inspect: is no option"),
            ("[inspect]\nconfig = 'x'", "inspect.config: is no option"),
            ("[inspect]\nstore = {a = 1}", "is neither text nor a number"),
            ("[index]\nlinks = 8", "index.links: is no option of index"),
            ("[index.build]\nlynx = 8", "index.build.lynx: is no option of index build"),
        ])
    func refusals(text: String, message: String) throws {
        let world = try SampleWorld(classes: 1, perClass: 1)
        defer { world.program.clean() }
        try write(text, world)
        let outcome = try world.program.run(["inspect", "--config", "c.toml"])
        #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
    }

    @Test("has tables for commands within others")
    func nested() throws {
        let world = try SampleWorld(classes: 2, perClass: 4)
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        try write("head = 'none'\n[index.build]\nlinks = 8\njson = true\n[index.check]\nsample = 3\n", world)
        let built = try world.program.run(["index", "build", "--config", "c.toml"])
        #expect(built.status == 0 && built.output.contains("\"links\" : 8"), "\(built.messages)")
        let again = try world.program.run(["index", "build", "--config", "c.toml", "--links=9"])
        #expect(again.output.contains("\"links\" : 9"), "\(again.messages)")
        let checked = try world.program.run(["index", "check", "--config", "c.toml"])
        #expect(checked.status == 0 && checked.output.contains("over 3 queries"), "\(checked.messages)")
    }

    @Test("that is not there is an error, and any bytes are read or refused")
    func hostile() throws {
        let world = try SampleWorld(classes: 1, perClass: 1)
        defer { world.program.clean() }
        let missing = try world.program.run(["inspect", "--config", "nowhere.toml"])
        #expect(missing.status == 2 && missing.messages.contains("nowhere.toml: cannot be read"))
        for text in [
            "\u{0}\u{1}", String(repeating: "[", count: 100_000), String(repeating: "a.", count: 50_000) + "b=1",
        ] {
            try write(text, world)
            #expect(try world.program.run(["inspect", "--config", "c.toml"]).status == 2)
        }
        let tokens = [
            "[", "]", "=", ".", "\"", "'", "a", "inspect", "1", "-", "{", "}", ",", "#", "\n", " ", "\\", "\u{1}", "ä",
        ]
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<150 {
            let text = (0..<12).map { _ in tokens[generator.index(below: tokens.count)] }.joined()
            try write(text, world)
            // There is no store, either.
            #expect(try world.program.run(["inspect", "--config", "c.toml"]).status == 2, "\(text.debugDescription)")
        }
    }
}
