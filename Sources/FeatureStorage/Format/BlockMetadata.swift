import Foundation
import Tensors

/// A block's metadata section: a JSON object whose keys depend on the kind of the block.
struct BlockMetadata: Codable {
    /// What a footer says of the blocks before it.
    struct Footer: Codable, Hashable {
        /// Chunk blocks in the segment.
        var chunks: Int
        /// Rows in them.
        var rows: Int
    }

    var space: FeatureSpace?
    var changes: [EncodedChanges]?
    var footer: Footer?

    func encoded() throws -> Data { try CanonicalJSON.encode(self) }

    init(space: FeatureSpace? = nil, changes: [EncodedChanges]? = nil, footer: Footer? = nil) {
        (self.space, self.changes, self.footer) = (space, changes, footer)
    }

    init(decoding bytes: [UInt8]) throws(FormatFault) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw .damaged("its metadata is not what a store writes")
        }
    }
}
