import Foundation
import Tensors
import Testing

@Suite("Environment variables that stand for options")
struct OptionVariablesTests {
    @Test("give values and flags, those of a command first, behind the command line and before a file")
    func values() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        func lines(_ arguments: [String], _ environment: [String: String]) throws -> Int {
            let run = try world.program.run(["query", "photos/class-1/0.bmp"] + arguments, environment: environment)
            #expect(run.status == 0, "\(run.messages)")
            return run.output.split(separator: "\n").count - 1
        }
        #expect(try lines([], ["FTC_NEIGHBORS": "3"]) == 3)
        #expect(try lines([], ["FTC_NEIGHBORS": "3", "FTC_QUERY_NEIGHBORS": "2"]) == 2)
        #expect(try lines(["-k", "1"], ["FTC_NEIGHBORS": "3", "FTC_QUERY_NEIGHBORS": "2"]) == 1)
        try Data("[query]\nneighbors = 4\n".utf8).write(to: URL(fileURLWithPath: world.program.path("c.toml")))
        #expect(try lines([], ["FTC_CONFIG": "c.toml"]) == 4)
        #expect(try lines(["--config", "c.toml"], ["FTC_NEIGHBORS": "3"]) == 3)
        let labels = ["FTC_LABEL": "class-0\nclass-1", "FTC_NEIGHBORS": "100", "FTC_UNIQUE_CONTENT": "off"]
        #expect(try lines([], labels) == 24)
        let json = try world.program.run("query", "photos/class-1/0.bmp", environment: ["FTC_JSON": "yes"])
        #expect(try json.json(as: QueryReply.self).neighbors.count == 10)
        let within = try world.program.run("index", "build", environment: ["FTC_INDEX_BUILD_LINKS": "0"])
        #expect(within.status == 64 && !within.messages.contains("stands for no option"), "\(within.messages)")
    }

    @Test("that stand for nothing are told, and flags that are neither on nor off refused")
    func wrong() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let typo = try world.program.run("inspect", environment: ["FTC_JSN": "1"])
        #expect(typo.status == 0 && typo.messages.contains("FTC_JSN stands for no option of any command"))
        let flag = try world.program.run("inspect", environment: ["FTC_JSON": "maybe"])
        #expect(flag.status == 2 && flag.messages.contains("FTC_JSON: is 'maybe'"))
        let value = try world.program.run("query", "photos/class-1/0.bmp", environment: ["FTC_NEIGHBORS": "many"])
        #expect(value.status == 64)
    }
}
