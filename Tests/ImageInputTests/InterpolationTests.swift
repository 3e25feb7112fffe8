import Testing

@testable import ImageInput

@Suite("Interpolation filters")
struct InterpolationTests {
    @Test("the triangle and Keys' cubic at points with known values")
    func values() {
        let distances = [0, 0.25, 0.5, -0.5, 1, 1.5, -1.5, 2, 3]
        #expect(distances.map(Interpolation.bilinear.weight(at:)) == [1, 0.75, 0.5, 0.5, 0, 0, 0, 0, 0])
        #expect(
            distances.map(Interpolation.bicubic.weight(at:))
                == [1, 0.8671875, 0.5625, 0.5625, 0, -0.0625, -0.0625, 0, 0])
    }

    @Test("shifted copies of each filter sum to one", arguments: Interpolation.allCases)
    func partition(interpolation: Interpolation) {
        for offset in stride(from: 0, to: 1, by: 0.0625) {
            #expect(abs((-3...3).reduce(0) { $0 + interpolation.weight(at: Double($1) + offset) } - 1) < 1e-12)
        }
    }
}
