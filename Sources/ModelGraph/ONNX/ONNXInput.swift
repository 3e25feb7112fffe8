import Tensors

/// How a network takes the values of a picture.
public enum InputLayout: String, Sendable, Hashable, CaseIterable {
    /// Channel by channel, `[batch, channels, height, width]`, as torch has pictures.
    case nchw
    /// Position by position, `[batch, height, width, channels]`, as TensorFlow has them.
    case nhwc
}

/// What a file says of the pictures that its network takes, and what it leaves open.
struct ONNXInputDescription {
    let name: String
    let layout: InputLayout
    /// How many pictures at once; nil for any number.
    let batch: Int?
    let channels: Int?
    let height: Int?
    let width: Int?

    /// Reads the one input of `file`; `layout` where the user knows better. Throws `InputError` where there is not exactly one,
    /// or it is no picture.
    init(_ file: ONNXFile, layout: InputLayout? = nil) throws {
        guard file.inputs.count == 1, let input = file.inputs.first else {
            throw InputError(
                "network", "takes \(file.inputs.count) inputs (\(file.inputs.map(\.name).joined(separator: ", ")))",
                remedy: "Export one that takes a picture alone.")
        }
        let lengths = input.dims.map { dimension -> Int? in
            if case .known(let length) = dimension { length } else { nil }
        }
        guard lengths.count == 4 else {
            throw InputError(
                "input '\(input.name)'", "has \(lengths.count) dimensions, and pictures four",
                remedy: "Export a network that takes pictures.")
        }
        let isLast = lengths[3].map { $0 <= 4 } ?? false && !(lengths[1].map { $0 <= 4 } ?? false)
        self.layout = layout ?? (isLast ? .nhwc : .nchw)
        (name, batch) = (input.name, lengths[0])
        let order = self.layout == .nchw ? [1, 2, 3] : [3, 1, 2]
        (channels, height, width) = (lengths[order[0]], lengths[order[1]], lengths[order[2]])
    }

    /// The input for pictures of a size. Throws `InputError` where that is not the size that the file was made for.
    func input(height: Int, width: Int) throws -> ONNXInput {
        let made = (self.height ?? height, self.width ?? width)
        guard made == (height, width) else {
            throw InputError(
                "input '\(name)'", "takes pictures of \(made.0) x \(made.1), not \(height) x \(width)",
                remedy: "Use that size, or export the network with dynamic axes.")
        }
        let lengths = [batch ?? 1, channels ?? 3, height, width]
        guard lengths.allSatisfy({ (1...65_536).contains($0) }) else {
            throw InputError("input '\(name)'", "is of \(lengths)", remedy: "Supported are lengths up to 65536.")
        }
        let axes: [ONNXView.Axis] =
            layout == .nchw ? [.batch, .channels, .height, .width] : [.batch, .height, .width, .channels]
        return ONNXInput(
            name: name, axes: axes, batch: batch ?? 1, channels: channels ?? 3, height: height, width: width)
    }
}

/// The pictures that a network is imported for.
struct ONNXInput {
    let name: String
    let axes: [ONNXView.Axis]
    let batch: Int
    let channels, height, width: Int
}
