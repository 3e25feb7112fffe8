import Foundation
import HTTPTypes
import Hummingbird

/// Stands before every route: lets in who may be answered, makes errors of what is thrown, and counts.
struct Gatekeeper: RouterMiddleware {
    typealias Context = BasicRequestContext

    let settings: ServerSettings
    let counters: RequestCounters

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        var response: Response
        do {
            try check(request)
            response = try await next(request, context)
        } catch {
            let told = ServerError(error)
            if told.status.code >= 500 {
                FileHandle.standardError.write(Data("request \(context.id): \(error)\n".utf8))
            }
            response = told.response(request: context.id)
        }
        secure(&response)
        counters.count(status: response.status.code, seconds: (ContinuousClock.now - started).seconds)
        return response
    }

    private func check(_ request: Request) throws {
        guard settings.allows(authority: request.head.authority) else {
            throw ServerError(
                status: .misdirectedRequest, code: "host", message: "This server does not answer under that name.",
                remedy: "Open it as http://127.0.0.1.")
        }
        guard settings.allows(origin: request.headers[.origin], authority: request.head.authority) else {
            throw ServerError(status: .forbidden, code: "origin", message: "Pages from elsewhere are not answered.")
        }
        // The page itself holds nothing secret; it brings the token with everything that it asks for.
        let isOpen = !request.uri.path.hasPrefix("/api/") && request.uri.path != "/metrics"
        guard isOpen || settings.allows(authorization: request.headers[.authorization]) else {
            throw ServerError(
                status: .unauthorized, code: "token", message: "A token is missing, or is not the right one.",
                remedy: "Open the address that serve printed, or send Authorization: Bearer TOKEN.")
        }
    }

    private func secure(_ response: inout Response) {
        let headers: [(String, String)] = [
            (
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
        for (name, value) in headers { if let name = HTTPField.Name(name) { response.headers[name] = value } }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
