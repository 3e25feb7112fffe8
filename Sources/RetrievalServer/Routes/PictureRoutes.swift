import FeatureStorage
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Pipeline
import Tensors

/// The listing, a page at a time, and small versions of its pictures.
struct PictureRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool
    let thumbnails: ThumbnailCache

    private static let sides = [96, 160, 320]

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("pictures") { [self] request, _ in try await list(QueryParameters(request)) }
        group.get("pictures/:id/thumbnail") { [self] request, context in
            try await thumbnail(try context.parameters.require("id"), request)
        }
    }

    private struct Listing: Encodable {
        let total: Int
        let pictures: [PictureAnswer]
    }

    private func list(_ query: QueryParameters) async throws -> Response {
        let (offset, limit) = (try query.integer("offset", 0...Int.max, 0), try query.integer("limit", 1...500, 60))
        let (label, split) = (query.text("label"), query.text("split"))
        let listing = try await work.run { [keeper] in
            let pictures = try keeper.gallery().pictures.filter { picture in
                (label.map { picture.label == $0 } ?? true) && (split.map { picture.isIn(split: $0) } ?? true)
            }
            return Listing(
                total: pictures.count, pictures: pictures.dropFirst(offset).prefix(limit).map(PictureAnswer.init))
        }
        return try Response.json(listing)
    }

    private func thumbnail(_ id: String, _ request: Request) async throws -> Response {
        let side = try QueryParameters(request).integer("side", 1...1000, 160)
        guard Self.sides.contains(side) else {
            throw ServerError.wrong("side is none of \(Self.sides.map(String.init).joined(separator: ", ")).")
        }
        let picture = try await work.run { [keeper] in try keeper.gallery().picture(id) }
        // What a picture looks like follows from its content.
        let tag = "\"\(picture.content.short)-\(side)\""
        var response: Response
        if request.headers[.ifNoneMatch] == tag {
            response = Response(status: .notModified)
        } else {
            let bytes = try await work.run { [thumbnails] in try thumbnails.jpeg(of: picture, side: side) }
            response = .bytes(bytes, type: "image/jpeg")
        }
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, max-age=86400"
        return response
    }
}
