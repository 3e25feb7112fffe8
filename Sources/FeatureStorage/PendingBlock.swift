import Tensors

/// What a writer has taken in since its last commit.
struct PendingBlock {
    private(set) var contents: [Fingerprint] = []
    private(set) var payload: [UInt8] = []
    private(set) var changes: [ListingChange] = []
    /// The positions in `changes` of the pictures that the rows are of.
    private var rows: [Int] = []

    var isEmpty: Bool { changes.isEmpty }

    /// Takes in a row and the picture that it is of. Throws `InputError` naming the picture where a value does not fit
    /// the row type; then nothing was taken in.
    mutating func append(_ feature: ArraySlice<Float>, of picture: PictureEntry) throws {
        let halves = try feature.withUnsafeBufferPointer { values in
            try [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
                let halves = UnsafeMutableBufferPointer(rebasing: target[..<values.count])
                let misfits = HalfPrecision.narrow(values, into: halves)
                guard misfits == 0 else { throw Self.misfit(values, count: misfits, picture) }
                count = values.count
            }
        }
        halves.withUnsafeBytes { payload.append(contentsOf: $0) }
        rows.append(changes.count)
        record(.picture(picture))
        contents.append(picture.content)
    }

    mutating func record(_ change: ListingChange) { changes.append(change) }

    var metadata: BlockMetadata { BlockMetadata(changes: EncodedChanges.grouped(changes, rows: rows)) }

    private static func misfit(
        _ values: UnsafeBufferPointer<Float>, count: Int, _ picture: PictureEntry
    ) -> InputError {
        let first = values.firstIndex { !($0.magnitude < 65_520) } ?? 0
        return InputError(
            picture.path,
            "its feature has \(count) \(count == 1 ? "value" : "values") that f16 cannot hold, such as "
                + "\(values[first]) at position \(first)",
            remedy: "The values of a feature must be finite and below 65520 in magnitude.")
    }
}
