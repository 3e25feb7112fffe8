import Foundation
import Tensors

/// Pictures and a network that tests make themselves: small, seeded, and the same on every machine.
struct SampleWorld {
    let program: Program

    /// A folder `photos/` with `classes` classes of `perClass` pictures, and random weights `net.safetensors`.
    init(classes: Int = 4, perClass: Int = 12) throws {
        program = try Program()
        var generator = SeededGenerator(seed: 7)
        for label in 0..<classes {
            try FileManager.default.createDirectory(
                atPath: program.path("photos/class-\(label)"), withIntermediateDirectories: true)
            for number in 0..<perClass {
                try Self.picture(of: label, &generator)
                    .write(to: URL(fileURLWithPath: program.path("photos/class-\(label)/\(number).bmp")))
            }
        }
        try Self.weights().write(to: URL(fileURLWithPath: program.path("net.safetensors")))
    }

    /// Builds the store `features.fcstore` from `photos/`.
    func build(_ arguments: String...) throws -> Program.Outcome {
        try program.run(["build", "photos", "--weights", "net.safetensors", "--batch-size", "4"] + arguments)
    }

    /// A 24-bit BMP of 40 x 32 pixels: stripes whose color and direction belong to the class, with noise.
    static func picture(of label: Int, _ generator: inout SeededGenerator) throws -> Data {
        let (width, height) = (40, 32)
        var pixels = Data()
        for y in 0..<height {
            for x in 0..<width {
                let stripe = ((label % 2 == 0 ? x : y) / (3 + label)) % 2 == 0
                for channel in 0..<3 {
                    let base = stripe == (channel == label % 3) ? 200 : 60
                    pixels.append(UInt8(base + generator.index(below: 50)))
                }
            }
        }
        func little(_ value: Int, _ bytes: Int) -> Data { Data((0..<bytes).map { UInt8(value >> (8 * $0) & 0xFF) }) }
        let header = Data("BM".utf8) + little(54 + pixels.count, 4) + little(0, 4) + little(54, 4)
        let info = little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2) + little(0, 24)
        return header + info + pixels
    }

    /// A narrow ResNet of four basic blocks with random weights, 32 features.
    static func weights(seed: UInt64 = 1) throws -> Data {
        var generator = SeededGenerator(seed: seed)
        var tensors: [String: DenseTensor] = [:]
        func random(_ shape: [Int], _ low: Float, _ high: Float) -> DenseTensor {
            let count = shape.reduce(1, *)
            return DenseTensor(shape: shape, elements: (0..<count).map { _ in generator.uniform(low, high) })
        }
        func convolution(_ name: String, _ shape: [Int]) {
            let bound = 1.7 / Float(shape[1...].reduce(1, *)).squareRoot()
            tensors[name + ".weight"] = random(shape, -bound, bound)
        }
        func normalization(_ name: String, _ channels: Int) {
            tensors[name + ".weight"] = random([channels], 0.8, 1.2)
            tensors[name + ".bias"] = random([channels], -0.2, 0.2)
            tensors[name + ".running_mean"] = random([channels], -0.2, 0.2)
            tensors[name + ".running_var"] = random([channels], 0.8, 1.2)
        }
        convolution("conv1", [4, 3, 7, 7])
        normalization("bn1", 4)
        var channels = 4
        for stage in 1...4 {
            let width = 4 << (stage - 1)
            let block = "layer\(stage).0"
            convolution("\(block).conv1", [width, channels, 3, 3])
            normalization("\(block).bn1", width)
            convolution("\(block).conv2", [width, width, 3, 3])
            normalization("\(block).bn2", width)
            if width != channels || stage > 1 {
                convolution("\(block).downsample.0", [width, channels, 1, 1])
                normalization("\(block).downsample.1", width)
            }
            channels = width
        }
        tensors["fc.weight"] = random([5, channels], -0.2, 0.2)
        tensors["fc.bias"] = random([5], -0.2, 0.2)
        return try SafetensorsFile.encode(tensors)
    }
}
