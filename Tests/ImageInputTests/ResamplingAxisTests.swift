import Testing

@testable import ImageInput

@Suite("Weights of resampling")
struct ResamplingAxisTests {
    @Test(
        "sum to one and lie within the input", arguments: Interpolation.allCases,
        [(500, 341), (30, 256), (7, 7), (1, 9)])
    func sums(interpolation: Interpolation, lengths: (Int, Int)) {
        let (length, resized) = lengths
        let axis = ResamplingAxis(from: length, to: resized, outputs: 0..<resized, interpolation: interpolation)
        #expect(axis.inputs == 0..<length)
        for output in 0..<resized {
            let weights = axis.weights[output * axis.taps..<(output + 1) * axis.taps]
            #expect(abs(weights.reduce(0) { $0 + Int($1) } - 1 << 22) <= axis.taps)
            #expect(axis.starts[output] >= 0 && axis.counts[output] > 0 && Int(axis.counts[output]) <= axis.taps)
            #expect(Int(axis.starts[output] + axis.counts[output]) <= length)
        }
    }

    @Test("of a part are those of the whole")
    func part() {
        let whole = ResamplingAxis(from: 500, to: 341, outputs: 0..<341, interpolation: .bicubic)
        let part = ResamplingAxis(from: 500, to: 341, outputs: 58..<282, interpolation: .bicubic)
        #expect(part.taps == whole.taps)
        #expect(part.weights == Array(whole.weights[58 * whole.taps..<282 * whole.taps]))
        let starts = part.starts.map { Int($0) + part.inputs.lowerBound }
        #expect(starts == whole.starts[58..<282].map { Int($0) })
        #expect(part.counts == Array(whole.counts[58..<282]))
    }

    @Test("halving with the triangle takes 1/8, 3/8, 3/8, 1/8")
    func halving() {
        let axis = ResamplingAxis(from: 8, to: 4, outputs: 1..<2, interpolation: .bilinear)
        #expect(axis.inputs == 1..<5)
        let weights = axis.weights.prefix(4).map { Double($0) / 0x1p22 }
        #expect(weights == [0.125, 0.375, 0.375, 0.125])
    }
}
