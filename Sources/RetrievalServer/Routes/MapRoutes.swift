import FeatureStorage
import Foundation
import Hummingbird
import Pipeline
import Tensors

/// A map of all pictures: the two directions in which their vectors differ most.
struct MapRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("map") { [self] request, _ in
            let head = QueryParameters(request).text("head") ?? "none"
            return try Response.json(
                try await work.run { [keeper] in
                    let gallery = try keeper.gallery()
                    return MapAnswer(try PictureMap(gallery.search(head), in: gallery.store))
                })
        }
    }
}

/// `GET /map`: arrays of equal length, which take a fraction of what objects would.
private struct MapAnswer: Encodable, Sendable {
    let schema = 1
    let method = "pca"
    let explained: [Double]
    let labels: [String]
    let x, y: [Float]
    let label: [Int]
    let id, path: [String]

    init(_ map: PictureMap) {
        explained = map.explained
        labels = Set(map.points.compactMap(\.picture.label)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        (x, y) = (map.points.map(\.x), map.points.map(\.y))
        label = map.points.map { $0.picture.label.flatMap { numbers[$0] } ?? -1 }
        id = map.points.map { String($0.picture.content.hex.prefix(16)) }
        path = map.points.map { $0.picture.path.split(separator: "/").suffix(2).joined(separator: "/") }
    }
}
