public import Foundation
import Tensors

/// Where pictures come from: one listing of what was named, or those of the standard input, which is named `-`.
public struct ListingSource {
    private var listing: PictureListing?
    private var stream: StreamedListings?

    /// The pictures of `inputs`, as `PictureListing.read` takes them, or of `input` where they are `-` alone. Throws `InputError` as
    /// that does, and where `-` is one of several.
    public init(
        _ inputs: [String], dialect: CSVDialect = .sniffed, allowsOutside: Bool = false, hasPairs: Bool = false,
        standardInput input: FileHandle = .standardInput
    ) throws {
        guard inputs.contains("-") else {
            listing = try PictureListing.read(
                inputs, dialect: dialect, allowsOutside: allowsOutside, hasPairs: hasPairs)
            return
        }
        guard inputs.count == 1 else {
            throw InputError("-", "is the standard input among \(inputs.count) inputs", remedy: "Give it alone.")
        }
        stream = try StreamedListings(input, allowsOutside: allowsOutside)
    }

    /// The next listing; nil after the last. Throws as `StreamedListings.next()` does.
    public mutating func next() throws -> PictureListing? {
        defer { listing = nil }
        return try listing ?? stream?.next()
    }
}
