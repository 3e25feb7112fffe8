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

    /// Pillow's `box_filter`, `hamming_filter` and `lanczos_filter`, computed in Python with its float constants.
    @Test("the box, Hamming's and Lanczos' windows at points with known values")
    func windows() {
        #expect([-0.5, -0.25, 0, 0.5, 0.75].map(Interpolation.box.weight(at:)) == [0, 1, 1, 1, 0])
        let distances = [0, 0.25, -0.5, 1, 1.5, -2.5, 3]
        let hamming = [1, 0.7790159306449863, 0.3437746907388723, 0, 0, 0, 0]
        let lanczos = [1, 0.8900670517104946, 0.6079271018540267, 0, -0.13509491152311703, 0.024317084074161062, 0]
        for (index, distance) in distances.enumerated() {
            #expect(abs(Interpolation.hamming.weight(at: distance) - hamming[index]) < 1e-15)
            #expect(abs(Interpolation.lanczos.weight(at: distance) - lanczos[index]) < 1e-15)
        }
    }

    @Test("shifted copies of each filter sum to one", arguments: [Interpolation.bilinear, .bicubic, .box])
    func partition(interpolation: Interpolation) {
        for offset in stride(from: 0, to: 1, by: 0.0625) {
            #expect(abs((-3...3).reduce(0) { $0 + interpolation.weight(at: Double($1) + offset) } - 1) < 1e-12)
        }
    }
}
