import Foundation
import Hummingbird
import Logging
import NIOCore
import Tensors

/// A web page over a store and the HTTP API behind it.
public struct RetrievalServer: Sendable {
    private let settings: ServerSettings
    private let keeper: GalleryKeeper

    /// A server of the store at `path`, of the space of that name or fingerprint, or of its only one. Throws `InputError` where the store
    /// cannot be read or has several that fit.
    public init(storeAt path: String, space: String? = nil, settings: ServerSettings) throws {
        self.settings = settings
        keeper = try GalleryKeeper(path: path, space: space)
    }

    /// Answers requests until SIGTERM or SIGINT comes; what is being answered then is ended. `ready` is told the port.
    public func run(ready: @escaping @Sendable (Int) -> Void) async throws {
        var logger = Logger(label: "finetuner-cache")
        logger.logLevel = .error
        let application = Application(
            router: router(),
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(Int64(ServerSettings.idleSeconds)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) }, logger: logger)
        do { try await application.runService() } catch let error as IOError {
            throw InputError(
                "\(settings.host):\(settings.port)",
                "cannot be listened on: \(String(cString: strerror(error.errnoCode)))",
                remedy: "Choose another --port.")
        } catch let error as SocketAddressError {
            throw InputError(settings.host, "is no address: \(error)", remedy: "Give a --host of this machine.")
        } catch let error as SocketAddressError.UnknownHost {
            throw InputError(settings.host, "is no address: \(error.host)", remedy: "Give a --host of this machine.")
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let cores = AvailableProcessors.count
        let work = WorkPool("requests", width: cores, most: ServerSettings.mostWaiting)
        // What may take seconds has a thread of its own, so that searches need not wait for it.
        let slow = WorkPool("slow", width: 1, most: ServerSettings.mostUploads)
        let uploads = WorkPool("uploads", width: 1, most: ServerSettings.mostUploads)
        let counters = RequestCounters()
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: Gatekeeper(settings: settings, counters: counters))
        PageRoutes().add(to: router)
        HealthRoutes(keeper: keeper, work: work, counters: counters).add(to: router)
        let api = router.group("api/v1")
        StoreRoutes(keeper: keeper, work: work, slow: slow).add(to: api)
        PictureRoutes(keeper: keeper, work: work, thumbnails: ThumbnailCache()).add(to: api)
        SearchRoutes(keeper: keeper, work: work, uploads: uploads, embedder: UploadEmbedder()).add(to: api)
        MapRoutes(keeper: keeper, work: slow).add(to: api)
        RunRoutes(keeper: keeper, work: work).add(to: api)
        EvaluationRoutes(keeper: keeper, work: slow).add(to: api)
        return router
    }
}
