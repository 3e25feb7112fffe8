import Tensors

/// What a writer has taken in since its last commit.
struct PendingBlock {
    private let coding: RowCoding
    private(set) var contents: [Fingerprint] = []
    private var scales: [UInt8] = []
    private var values: [UInt8] = []
    private(set) var changes: [ListingChange] = []
    /// The positions in `changes` of the pictures that the rows are of.
    private var rows: [Int] = []

    init(of space: FeatureSpace) { coding = RowCoding(rowType: space.rowType, dimension: space.dimension) }

    var isEmpty: Bool { changes.isEmpty }

    /// The features, encoded and packed.
    var payload: PackedPayload { PackedPayload(scales: scales, values: values, width: coding.rowType.valueWidth) }

    /// Takes in a row and the picture that it is of. Throws `InputError` naming the picture where a value does not fit
    /// the row type; then nothing was taken in.
    mutating func append(_ feature: ArraySlice<Float>, of picture: PictureEntry) throws {
        let encoded = feature.withUnsafeBufferPointer { coding.encode($0) }
        guard encoded.misfits == 0 else { throw misfit(feature, encoded, picture) }
        scales += encoded.scales
        values += encoded.values
        rows.append(changes.count)
        record(.picture(picture))
        contents.append(picture.content)
    }

    mutating func record(_ change: ListingChange) { changes.append(change) }

    var metadata: BlockMetadata { BlockMetadata(changes: EncodedChanges.grouped(changes, rows: rows)) }

    private func misfit(
        _ feature: ArraySlice<Float>, _ encoded: RowCoding.Encoded, _ picture: PictureEntry
    ) -> InputError {
        let first = encoded.firstMisfit ?? 0
        let isFinite = feature[feature.startIndex + first].isFinite
        return InputError(
            picture.path,
            "its feature has \(encoded.misfits) \(encoded.misfits == 1 ? "value" : "values") that "
                + "\(coding.rowType.rawValue) cannot hold, such as \(feature[feature.startIndex + first]) at position \(first)",
            remedy: isFinite
                ? "Keep the features as f32 (--dtype f32), which holds every finite number."
                : "The values of a feature must be finite: look at the weights of the network.")
    }
}
