import Foundation
import PythonPeer
import Tensors
import Testing

@Suite("The server")
struct ServeTests {
    private struct Found: Decodable {
        struct Query: Decodable {
            let id: String
            let stored: Bool
            let path, label: String?
        }
        struct Result: Decodable {
            let head: String
            let neighbors: [QueryReply.Neighbor]
        }
        let query: Query
        let results: [Result]
    }

    private struct Listed: Decodable {
        struct Picture: Decodable { let id, path: String }
        let total: Int
        let pictures: [Picture]
    }

    @Test("finds what query finds, for stored pictures and for those that are sent")
    func search() throws {
        let served = try ServedStore()
        let picture = "photos/class-1/0.bmp"
        let reply = try served.world.program.run("query", picture, "-k", "5", "--head", "none", "--json").json(
            as: QueryReply.self)
        let id = try #require(reply.queries.first?.id)
        for path in ["/api/v1/search?id=\(id)&k=5", "/api/v1/search?id=\(id.prefix(12))&k=5&head=none"] {
            let found: Found = try served.json(path)
            #expect(found.results.map(\.head) == ["none"] && found.results[0].neighbors == reply.neighbors)
            #expect(
                found.query.stored && found.query.label == "class-1" && found.query.path?.hasSuffix(picture) == true)
        }
        let sent: Found = try served.json(
            "/api/v1/search?k=5", "--data-binary", "@\(served.world.program.path(picture))")
        #expect(sent.results[0].neighbors == reply.neighbors && sent.query.id == id)
        let filtered: Found = try served.json("/api/v1/search?id=\(id)&k=100&label=class-2&exclude_self=1")
        #expect(
            !filtered.results[0].neighbors.isEmpty && filtered.results[0].neighbors.allSatisfy { $0.label == "class-2" }
        )
        // Of a picture that the store has not, the network is run.
        var bytes = try Data(contentsOf: URL(fileURLWithPath: served.world.program.path(picture)))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: served.world.program.path("new.bmp")))
        let new: Found = try served.json(
            "/api/v1/search?k=1", "--data-binary", "@\(served.world.program.path("new.bmp"))")
        #expect(!new.query.stored && new.results[0].neighbors[0].id == id && new.results[0].neighbors[0].score > 0.99)
    }

    @Test("lists pictures, and shows them by id with tags that tell whether they changed")
    func pictures() throws {
        let served = try ServedStore()
        let listed: Listed = try served.json("/api/v1/pictures?label=class-1&limit=3")
        #expect(listed.total == 12 && listed.pictures.count == 3)
        let path = "/api/v1/pictures/\(listed.pictures[0].id)/thumbnail?side=96"
        let first = try served.ask(path)
        #expect(first.status == 200 && first.headers.contains("image/jpeg") && first.body.starts(with: [0xFF, 0xD8]))
        let tag = try #require(first.headers.split(separator: "\r\n").first { $0.hasPrefix("etag: ") }?.dropFirst(6))
        #expect(try served.ask(path, "-H", "If-None-Match: \(tag)").status == 304)
        try Data("other".utf8).write(to: URL(fileURLWithPath: listed.pictures[1].path))
        #expect(try served.ask("/api/v1/pictures/\(listed.pictures[1].id)/thumbnail").status == 404)
    }

    @Test("shows runs, a map, an evaluation, and what the store holds, and ends cleanly")
    func views() throws {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        let trained = try world.program.run("train-head", "--output-dim", "8", "--epochs", "2", "--name", "h")
        #expect(trained.status == 0, "\(trained.messages)")
        let served = try ServedStore(world: world)
        struct Map: Decodable { let x, y: [Double], id: [String], label: [Int], labels: [String], explained: [Double] }
        let map: Map = try served.json("/api/v1/map?head=h")
        #expect(map.x.count == 48 && map.y.count == 48 && Set(map.id).count == 48 && map.labels.count == 4)
        #expect(map.explained[0] >= map.explained[1] && map.explained.reduce(0, +) <= 1.0001)
        struct Run: Decodable {
            struct Epoch: Decodable { let epoch: Int }
            let epochs: [Epoch]
            let running: Bool
        }
        let run: Run = try served.json("/api/v1/runs/h")
        #expect(run.epochs.map(\.epoch) == [0, 1, 2] && !run.running)
        struct Evaluation: Decodable {
            struct Class: Decodable { let queries: Int }
            let queries: Int
            let classes: [Class]
        }
        let evaluation: Evaluation = try served.json("/api/v1/heads/h/evaluation")
        #expect(evaluation.queries == 48 && evaluation.classes.map(\.queries) == [12, 12, 12, 12])
        struct Store: Decodable { let pictures: Int, labels: [String: Int] }
        #expect(try served.json("/api/v1/store", as: Store.self).labels["class-0"] == 12)
        for path in ["/api/v1/runs", "/api/v1/failures", "/api/v1/duplicates", "/healthz", "/metrics"] {
            #expect(try served.ask(path).status == 200, "\(path)")
        }
        #expect(
            try String(decoding: served.ask("/metrics").body, as: UTF8.self).contains("finetuner_cache_pictures 48\n"))
        #expect(served.stop() == 0)
    }

    @Test("sees what is built while it answers")
    func building() throws {
        let served = try ServedStore()
        try FileManager.default.removeItem(atPath: served.world.program.path("photos/class-3"))
        #expect(try served.world.build().status == 0)
        var total = 48
        for _ in 0..<40 where total == 48 {
            Thread.sleep(forTimeInterval: 0.25)
            total = try served.json("/api/v1/pictures", as: Listed.self).total
        }
        #expect(total == 36)
    }

    @Test("refuses what it should")
    func refused() throws {
        let served = try ServedStore()
        let id = try served.json("/api/v1/pictures?limit=1", as: Listed.self).pictures[0].id
        try Data(count: 21 << 20).write(to: URL(fileURLWithPath: served.world.program.path("big")))
        let attacks: [(path: String, options: [String], status: Int)] = [
            ("/api/v1/store", ["-H", "Host: evil.example"], 421),
            ("/api/v1/store", ["-H", "Origin: http://evil.example"], 403),
            ("/api/v1/search", ["--data-binary", "@\(served.world.program.path("big"))"], 413),
            ("/api/v1/search", ["--data-binary", "no picture"], 422), ("/api/v1/search", ["--data-binary", ""], 400),
            ("/api/v1/search?id=\(id)&k=0", [], 400), ("/api/v1/search?id=\(id)&k=x", [], 400),
            ("/api/v1/search?id=zz", [], 400), ("/api/v1/search?id=00000000", [], 404),
            ("/api/v1/search?id=\(id)&head=%2Fetc%2Fpasswd", [], 404),
            ("/api/v1/search?id=\(id)&head=../../x", [], 404),
            ("/api/v1/runs/..%2f..%2f..%2fetc", [], 422), ("/api/v1/heads/none%00/evaluation", [], 404),
            ("/../../../../etc/passwd", [], 404), ("/%2e%2e%2fetc%2fpasswd", [], 404),
            ("/api/v1/pictures/\(id)/thumbnail?side=5000", [], 400), ("/api/v1/pictures?limit=100000000", [], 400),
            ("/api/v1/store", ["-X", "DELETE"], 404),
            ("/api/v1/store", ["-H", "X-Long: \(String(repeating: "a", count: 20_000))"], 400),
        ]
        for attack in attacks {
            let answer: (status: Int, headers: String, body: Data)
            switch attack.options.count {
            case 2: answer = try served.ask(attack.path, attack.options[0], attack.options[1])
            default: answer = try served.ask(attack.path)
            }
            #expect(answer.status == attack.status, "\(attack.path) \(attack.options.first ?? "")")
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("root:"), "\(attack.path)")
        }
        #expect(try served.ask("/healthz").status == 200)
        let headers = try served.ask("/api/v1/store").headers
        #expect(headers.contains("content-security-policy: default-src 'self'") && headers.contains("nosniff"))
    }

    @Test("lets others connect only with a token")
    func token() throws {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        let open = try world.program.run("serve", "--host", "0.0.0.0", "--port", "0")
        #expect(open.status == 2 && open.messages.contains("Give a --token"))
        #expect(try world.program.run("serve", "--token", "short").status == 2)
        let served = try ServedStore(["--token", "0123456789abcdef"], world: world)
        #expect(try served.ask("/api/v1/store").status == 401)
        #expect(try served.ask("/api/v1/store", "-H", "Authorization: Bearer 0123456789abcdeF").status == 401)
        #expect(try served.ask("/api/v1/store", "-H", "Authorization: Bearer 0123456789abcdef").status == 200)
        #expect(try served.ask("/metrics").status == 401 && served.ask("/healthz").status == 200)
    }

    @Test("answers others while connections say little and uploads say too much")
    func load() throws {
        let served = try ServedStore()
        let id = try served.json("/api/v1/pictures?limit=1", as: Listed.self).pictures[0].id
        let sockets = try (0..<300).map { _ in try served.connection(sending: "GET /api/v1/store HTTP/1.1\r\nHo") }
        defer { for socket in sockets { close(socket) } }
        // Without a length that could be refused before it comes.
        let endless = try served.ask("/api/v1/search", "-X", "POST", "-T", "/dev/zero")
        #expect(endless.status == 413)
        #expect(try served.ask("/api/v1/search?id=\(id)&k=3").status == 200)
        let announced = try served.ask("/api/v1/search", "-X", "POST", "-H", "Content-Length: 10000000000")
        #expect(announced.status == 413)
        #expect(served.stop() == 0)
    }

    private static let python = Python.interpreter(importing: "openapi_spec_validator")

    @Test("describes its API as OpenAPI does", .enabled(if: python != nil, "needs Python with openapi-spec-validator"))
    func description() throws {
        let served = try ServedStore()
        let file = served.world.program.path("openapi.json")
        try served.ask("/api/v1/openapi.json").body.write(to: URL(fileURLWithPath: file))
        let script =
            "import json, sys; from openapi_spec_validator import validate; d = json.load(open(sys.argv[1])); validate(d); print(*sorted(d['paths']))"
        let paths = try Python.run(try #require(Self.python), script, file).split(whereSeparator: \.isWhitespace)
        #expect(paths.count == 10)
        for path in paths where !path.contains("{") && path != "/search" {
            #expect(try served.ask("/api/v1" + path).status == 200, "\(path)")
        }
    }
}
