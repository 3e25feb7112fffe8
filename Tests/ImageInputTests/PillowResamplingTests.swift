import Tensors
import Testing

@testable import ImageInput

/// What Pillow 13.0.0 makes of noise, with
///
///     def noise(w, h, seed):
///         values = bytearray()
///         for _ in range(w * h * 3):
///             seed = (seed * 1664525 + 1013904223) & 0xffffffff
///             values.append(seed >> 24)
///         return Image.frombytes("RGB", (w, h), bytes(values))
///     noise(...).resize(size, Image.Resampling.NAME).tobytes()
@Suite("Resampling as Pillow does")
struct PillowResamplingTests {
    private static func noise(width: Int, height: Int, seed: UInt32) -> Picture {
        var state = seed
        let pixels = (0..<width * height * 3).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    private static func resized(_ picture: Picture, _ width: Int, _ height: Int, _ filter: Interpolation) -> Picture {
        picture.resizedCrop(to: (width, height), width: width, height: height, interpolation: filter)
    }

    /// `noise(4, 3, 9)` at 3 x 2.
    private static let small: [(Interpolation, [UInt8])] = [
        (.nearest, [61, 24, 251, 57, 226, 22, 25, 225, 230, 17, 61, 96, 161, 107, 10, 213, 145, 238]),
        (.lanczos, [82, 44, 149, 47, 134, 80, 54, 203, 197, 84, 97, 86, 136, 126, 118, 172, 123, 189]),
        (.box, [82, 70, 133, 65, 127, 104, 90, 168, 229, 17, 61, 96, 147, 148, 93, 213, 145, 238]),
        (.hamming, [69, 53, 172, 49, 142, 83, 59, 195, 205, 57, 87, 86, 134, 132, 109, 185, 133, 208]),
    ]

    @Test("a few pixels", arguments: small)
    func fewPixels(filter: Interpolation, expected: [UInt8]) {
        #expect(Self.resized(Self.noise(width: 4, height: 3, seed: 9), 3, 2, filter).pixels == expected)
    }

    /// The first eight bytes of the SHA-256 of `noise(61, 47, 5)` at sizes that shrink, grow, keep one side and double.
    private static let digests: [(Interpolation, [(width: Int, height: Int, digest: String)])] = [
        (
            .nearest,
            [
                (20, 15, "15c021c70fde3d54"), (97, 80, "647b0e1f76790e3c"), (61, 13, "ddf956c23eb33680"),
                (23, 47, "f778414f77d1058a"), (30, 24, "ef4a0ec90fe9fd99"), (122, 94, "e05078d8243a2cb0"),
            ]
        ),
        (
            .bilinear,
            [
                (20, 15, "207d9781bf692881"), (97, 80, "a35b19608f62d181"), (61, 13, "68f0e677079648c7"),
                (23, 47, "e2c05ed742c07ef7"), (30, 24, "79d571c0ae5ecfd3"), (122, 94, "74f0ee2c4b2d55a8"),
            ]
        ),
        (
            .bicubic,
            [
                (20, 15, "9585aadeff469503"), (97, 80, "9b56f4efe2746dcc"), (61, 13, "ab0b32e935378820"),
                (23, 47, "4fad028f1556ff1c"), (30, 24, "38728e6c81c16461"), (122, 94, "548eaecee2e99850"),
            ]
        ),
        (
            .lanczos,
            [
                (20, 15, "24002c286634c0f9"), (97, 80, "877ca6fe7b4f2118"), (61, 13, "d79303d070e51607"),
                (23, 47, "e3419d5c6b24c3a6"), (30, 24, "ced04557cdfda0df"), (122, 94, "b50f190116bd1228"),
            ]
        ),
        (
            .box,
            [
                (20, 15, "1b25cc236a97f7d9"), (97, 80, "647b0e1f76790e3c"), (61, 13, "10bc02476f23f61f"),
                (23, 47, "322c4b16bed198f8"), (30, 24, "1c6dda2673883e46"), (122, 94, "e05078d8243a2cb0"),
            ]
        ),
        (
            .hamming,
            [
                (20, 15, "79860cae9c264ea2"), (97, 80, "8e7a763558482cd0"), (61, 13, "10a223eca5906b87"),
                (23, 47, "530fb3204a64a6ca"), (30, 24, "65ab4923bf5c542f"), (122, 94, "f50d2b59ca74ff15"),
            ]
        ),
    ]

    @Test("every byte of larger pictures", arguments: digests)
    func everyByte(filter: Interpolation, sizes: [(width: Int, height: Int, digest: String)]) {
        let picture = Self.noise(width: 61, height: 47, seed: 5)
        for (width, height, digest) in sizes {
            let pixels = Self.resized(picture, width, height, filter).pixels
            let found = pixels.withUnsafeBytes { Fingerprint(of: $0).hex.prefix(16) }
            #expect(found == digest, "\(width) x \(height)")
        }
    }

    @Test("a part of the nearest pixels is that of the whole")
    func nearestPart() {
        let whole = ResamplingAxis(from: 500, to: 341, outputs: 0..<341, interpolation: .nearest)
        let part = ResamplingAxis(from: 500, to: 341, outputs: 58..<282, interpolation: .nearest)
        #expect(part.starts.map { Int($0) + part.inputs.lowerBound } == whole.starts[58..<282].map { Int($0) })
        #expect(part.inputs.upperBound - 1 == Int(whole.starts[281]))
    }
}
