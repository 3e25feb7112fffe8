import ArgumentParser
import Foundation
import Pipeline
import RetrievalServer
import Tensors

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the store in a browser.",
        discussion: """
            Opens a page with searches by stored pictures and by new ones, heads side by side, a map of all pictures, training runs as \
            they go on, and what the store holds; /api/v1/openapi.json describes the API behind it. Only this machine can connect, unless \
            --host says otherwise; then every request has to bring the --token. Pictures are shown by their ids, never by a path.
            """)

    @OptionGroup var store: StoreOptions

    @Option(help: "The space, by name or the beginning of its fingerprint, where the store has several.")
    var space: String?

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8765

    @Option(help: "What requests have to bring: 16 letters or more. Others can read it here; FTC_TOKEN hides it.")
    var token: String?

    func run() throws {
        let settings = try ServerSettings(host: host, port: port, token: token)
        let server = try RetrievalServer(storeAt: store.path, space: space, settings: settings)
        let address = host.contains(":") ? "[\(host)]" : host
        let suffix = token.map { "/?token=\($0)" } ?? "/"
        try Self.wait {
            try await server.run { port in
                print("http://\(address):\(port)\(suffix)")
                fflush(nil)
            }
        }
    }

    /// Runs until `body` ends: the other commands wait for nothing, so that the program is not asynchronous.
    private static func wait(for body: @escaping @Sendable () async throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        Task.detached {
            do { try await body() } catch { outcome.error = error }
            done.signal()
        }
        done.wait()
        if let error = outcome.error { throw error }
    }

    /// Written before the semaphore is signalled and read after.
    private final class Outcome: @unchecked Sendable { var error: (any Error)? }
}
