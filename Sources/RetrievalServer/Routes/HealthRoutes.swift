import Hummingbird
import Tensors

/// What watches a server asks for.
struct HealthRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool
    let counters: RequestCounters

    func add(to router: Router<BasicRequestContext>) {
        router.get("healthz") { [self] _, _ in
            struct Answer: Encodable { let status: String }
            _ = try await work.run { [keeper] in try keeper.gallery().pictures.count }
            return try Response.json(Answer(status: "ok"))
        }
        router.get("metrics") { [self] _, _ in
            let pictures = try await work.run { [keeper] in try keeper.gallery().pictures.count }
            let text = counters.text(gauges: [("finetuner_cache_pictures", "Listed pictures with a feature.", pictures)]
            )
            return Response.bytes(text.utf8, type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}
