import FeatureStorage
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import Pipeline
import Tensors

/// Searches: for a stored picture by its id, and for one that is sent.
struct SearchRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool
    let uploads: WorkPool
    let embedder: UploadEmbedder

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("search") { [self] request, _ in try await stored(QueryParameters(request)) }
        group.post("search") { [self] request, _ in try await sent(request) }
    }

    private func stored(_ query: QueryParameters) async throws -> Response {
        guard let id = query.text("id") else { throw ServerError.wrong("Which picture? Give its id.") }
        let wanted = try SearchQuery(query)
        return try Response.json(
            try await work.run { [keeper] in
                let gallery = try keeper.gallery()
                let picture = try gallery.picture(id)
                let (pictures, _) = try PictureEmbedder(
                    chunks: gallery.search("none").chunks, cache: .standard()
                ).pictures([.id(picture.content.hex)])
                return try wanted.answer(pictures, as: picture, in: gallery)
            })
    }

    private func sent(_ request: Request) async throws -> Response {
        let wanted = try SearchQuery(QueryParameters(request))
        let body = try await body(of: request)
        let data = Data(body.readableBytesView)
        guard !data.isEmpty else {
            throw ServerError.wrong("The body is empty.", remedy: "Send a picture file's bytes.")
        }
        return try Response.json(
            try await uploads.run { [keeper, embedder] in
                let gallery = try keeper.gallery()
                let pictures = try embedder.features(of: data, in: gallery)
                let known = try? gallery.picture(pictures.contents[0].hex)
                return try wanted.answer(pictures, as: known, in: gallery)
            })
    }

    /// All that is sent. What says at once that it is too large is refused before it comes.
    private func body(of request: Request) async throws -> ByteBuffer {
        let tooLarge = ServerError(
            status: .contentTooLarge, code: "too_large",
            message: "The picture has more than \(ServerSettings.largestBody >> 20) MiB.", remedy: "Send a smaller one."
        )
        if let length = request.headers[.contentLength].flatMap(Int.init), length > ServerSettings.largestBody {
            throw tooLarge
        }
        do { return try await request.body.collect(upTo: ServerSettings.largestBody) } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch is HTTPParserError {
            throw ServerError.wrong("The upload broke off.")
        }
    }
}

/// What is wanted of a search.
private struct SearchQuery: Sendable {
    let k: Int
    let heads: [String]
    let filter: PictureFilter
    let split: String?

    init(_ query: QueryParameters) throws {
        k = try query.integer("k", 1...1000, 24)
        heads = query.all("head").isEmpty ? ["none"] : Array(query.all("head").prefix(8))
        var filter = PictureFilter()
        (filter.labels, filter.otherLabels) = (Set(query.all("label")), Set(query.all("not_label")))
        if query.text("min_score") != nil { filter.worstScore = Float(try query.number("min_score", -1...1, 0)) }
        (filter.isUniqueByContent, filter.excludesSelf) = (query.flag("unique"), query.flag("exclude_self"))
        (self.filter, split) = (filter, query.text("split"))
    }

    func answer(_ pictures: QueryPictures, as stored: StoredPicture?, in gallery: Gallery) throws -> SearchAnswer {
        let started = ContinuousClock.now
        var filter = filter
        if let split {
            filter.restrict(to: gallery.pictures.filter { $0.isIn(split: split) })
        }
        let splits = Dictionary(gallery.pictures.lazy.filter { $0.split != nil }.map { (ExactText($0.path), $0.split) })
        { first, _ in first }
        let results = try heads.map { head in
            let found = try gallery.search(head).search(pictures, k: k, filter: filter)[0]
            return SearchAnswer.Result(
                head: head,
                neighbors: found.map { SearchAnswer.Neighbor($0, split: splits[ExactText($0.path)] ?? nil) })
        }
        let query = SearchAnswer.Query(
            id: pictures.contents[0].hex, path: stored?.path, label: stored?.label, stored: stored != nil)
        return SearchAnswer(
            query: query, results: results, milliseconds: (ContinuousClock.now - started).seconds * 1000)
    }
}

/// `GET` and `POST /search`.
private struct SearchAnswer: Encodable, Sendable {
    struct Query: Encodable {
        let id: String
        let path, label: String?
        let stored: Bool

        private enum CodingKeys: CodingKey { case id, path, label, stored }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(path, forKey: .path)
            try container.encode(label, forKey: .label)
            try container.encode(stored, forKey: .stored)
        }
    }

    struct Neighbor: Encodable {
        let rank: Int
        let score: Float
        let picture: PictureAnswer

        private enum CodingKeys: CodingKey { case rank, score }

        init(_ found: FoundPicture, split: String?) {
            (rank, score) = (found.rank, found.score)
            picture = PictureAnswer(id: found.id.hex, path: found.path, label: found.label, split: split)
        }

        func encode(to encoder: any Encoder) throws {
            try picture.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(rank, forKey: .rank)
            try container.encode(score, forKey: .score)
        }
    }

    struct Result: Encodable {
        let head: String
        let neighbors: [Neighbor]
    }

    let schema = 1
    let query: Query
    let results: [Result]
    let milliseconds: Double
}
