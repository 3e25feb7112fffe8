import Foundation
import Pipeline
import Tensors

/// Turns pictures that are sent into features, with a network that stays loaded.
final class UploadEmbedder: Sendable {
    private let network = ResidentNetwork()

    /// The raw features of the picture in `data`, from the store where it has them. Throws `InputError` where it is no picture, or where the
    /// network at hand is not the one that made the space.
    func features(of data: Data, in gallery: Gallery) throws -> QueryPictures {
        let embedder = PictureEmbedder(
            chunks: try gallery.search("none").chunks, cache: .standard(), network: network)
        let (pictures, failures) = try embedder.pictures([.bytes(data, name: "the picture")])
        if let failure = failures.first { throw failure }
        return pictures
    }
}
