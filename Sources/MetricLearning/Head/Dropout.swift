import Tensors

/// Sets activations to 0 at random and raises the others by `1 / (1 - probability)` (Srivastava et al. 2014, in the form of
/// `torch.nn.Dropout`). What is chosen depends on the seed, the batch, the layer and the place alone, so that a run that is
/// gone on with chooses as it would have.
struct Dropout {
    private let key: UInt64
    private let threshold: UInt32
    private let factor: Float

    private static let stream: UInt64 = 6 << 32

    init(probability: Float, seed: UInt64, batch: Int, layer: Int) {
        precondition(probability > 0 && probability < 1, "dropout of \(probability)")
        var generator = SeededGenerator(seed: seed, stream: Self.stream + UInt64(batch) << 8 + UInt64(layer))
        key = generator.next()
        threshold = UInt32(probability * 0x1p32)
        factor = 1 / (1 - probability)
    }

    /// Applies it to rows of a batch's activations, the first of which is the row `first`.
    func apply(to activation: inout Matrix, first: Int = 0) {
        let offset = first * activation.columns
        activation.withUnsafeMutableElements { values in
            Parallel.forEachRange(of: values.count, length: 1 << 15) { range in
                for index in range {
                    values[index] = Self.hash(key, offset + index) < threshold ? 0 : values[index] * factor
                }
            }
        }
    }

    /// The upper bits of SplitMix64's output function (Steele et al. 2014) for a counter.
    @inline(__always)
    private static func hash(_ key: UInt64, _ index: Int) -> UInt32 {
        var bits = key &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: (bits ^ bits >> 31) >> 32)
    }
}
