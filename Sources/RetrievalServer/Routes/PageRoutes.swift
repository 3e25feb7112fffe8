import HTTPTypes
import Hummingbird
import Tensors

/// The page and its parts, which are in the program.
struct PageRoutes {
    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in try Self.answer("index.html", request) }
        router.get("api/v1/openapi.json") { request, _ in try Self.answer("openapi.json", request) }
        router.get(":file") { request, context in try Self.answer(context.parameters.require("file"), request) }
    }

    private static func answer(_ name: String, _ request: Request) throws -> Response {
        guard let file = PageFile.all[name] else { throw ServerError.missing("There is no such page.") }
        var response =
            request.headers[.ifNoneMatch] == file.tag
            ? Response(status: .notModified) : Response.bytes(file.bytes, type: file.type)
        response.headers[.eTag] = file.tag
        response.headers[.cacheControl] = "no-cache"
        return response
    }
}

/// A file of the page.
struct PageFile: Sendable {
    let bytes: [UInt8]
    let type: String
    let tag: String

    private init(_ name: String, _ bytes: [UInt8]) {
        let types = [
            "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8",
            "json": "application/json; charset=utf-8", "svg": "image/svg+xml",
        ]
        self.bytes = bytes
        type = types[name.split(separator: ".").last.map(String.init) ?? ""] ?? "application/octet-stream"
        tag = "\"\(Fingerprint(of: bytes).short)\""
    }

    /// All of them by name.
    static let all: [String: PageFile] = Dictionary(
        uniqueKeysWithValues: PageFiles.contents.map { ($0.name, PageFile($0.name, $0.bytes)) })
}
