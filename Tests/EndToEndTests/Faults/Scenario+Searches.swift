import Foundation

extension Scenario {
    /// Searches that keep what they make: embeddings of a head, then more of them, then a graph.
    static let searches = [
        Scenario(
            name: "query that keeps embeddings",
            prepare: {
                try run(build, $0.program)
                try run(trainHead, $0.program)
            }, command: query, results: { try searched($0, head: "h") }),
        Scenario(
            name: "query after a build",
            prepare: { world in
                try run(build, world.program)
                try run(trainHead, world.program)
                try run(query, world.program)
                try change(world)
                try run(build + ["--allow-skips"], world.program)
            }, command: query, results: { try searched($0, head: "h") }),
        Scenario(
            name: "index build", prepare: { try run(build, $0.program) },
            command: ["index", "build", "--head", "none", "--store", store],
            results: { try searched($0, head: "none", arguments: ["--index", "hnsw"]) }),
    ]

    private static let query = ["query", "photos/class-0/0.bmp", "-k", "4", "--head", "h", "--store", store]

    /// What a search finds, and the embeddings that are kept. `verify --full` must find these whole.
    private static func searched(_ program: Program, head: String, arguments: [String] = []) throws -> [String: Data] {
        try run(["verify", "--full", "--store", store], program)
        let question = ["query", "photos/class-0/0.bmp", "-k", "9", "--head", head, "--store", store, "--json"]
        let reply = try run(question + arguments, program)
        let place = program.path(head == "none" ? "\(store)/embeddings" : "\(store)/heads/\(head)")
        let names = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".npy") }
        return try names.reduce(into: ["found": Data(reply.output.utf8)]) { files, name in
            files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(place)/\(name)"))
        }
    }
}
