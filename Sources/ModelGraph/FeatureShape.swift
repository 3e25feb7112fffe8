/// The shape of what one layer gives for one picture.
public enum FeatureShape: Sendable, Hashable, CustomStringConvertible {
    /// A feature map.
    case map(channels: Int, height: Int, width: Int)
    /// A feature vector of the given length.
    case vector(Int)

    /// The number of values.
    public var elementCount: Int {
        switch self {
        case .map(let channels, let height, let width): channels * height * width
        case .vector(let length): length
        }
    }

    /// The dimensions without the batch, `[channels, height, width]` or `[length]`.
    public var dimensions: [Int] {
        switch self {
        case .map(let channels, let height, let width): [channels, height, width]
        case .vector(let length): [length]
        }
    }

    /// The dimensions joined by `x`, such as `2048x7x7`.
    public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

/// How many rows and columns are added around a feature map before a window slides over it.
public enum Padding: Sendable, Hashable {
    /// The same numbers for every input.
    case explicit(top: Int, left: Int, bottom: Int, right: Int)
    /// TensorFlow's "SAME": the output is `ceil(input / stride)` wide, the odd column of padding goes right and below.
    case same

    /// `amount` on all four sides.
    public static func all(_ amount: Int) -> Padding {
        .explicit(top: amount, left: amount, bottom: amount, right: amount)
    }
}

/// A window that slides over a feature map: the geometry that convolution and pooling share.
public struct Window: Sendable, Hashable {
    /// Rows and columns of the window.
    public let height, width: Int
    /// Steps between windows, down and across.
    public let strideDown, strideAcross: Int
    /// Distance between the window's taps; 1 for a dense window.
    public let dilationDown, dilationAcross: Int
    /// What is added around the map.
    public let padding: Padding

    /// A window; strides and dilations default to 1.
    public init(
        height: Int, width: Int, strideDown: Int = 1, strideAcross: Int = 1, dilationDown: Int = 1,
        dilationAcross: Int = 1, padding: Padding = .all(0)
    ) {
        self.height = height
        self.width = width
        self.strideDown = strideDown
        self.strideAcross = strideAcross
        self.dilationDown = dilationDown
        self.dilationAcross = dilationAcross
        self.padding = padding
    }

    /// A square window with equal steps.
    public init(size: Int, stride: Int = 1, padding: Padding = .all(0)) {
        self.init(height: size, width: size, strideDown: stride, strideAcross: stride, padding: padding)
    }

    /// The padding in numbers for a map of the given size.
    public func resolvedPadding(height mapHeight: Int, width mapWidth: Int) -> (
        top: Int, left: Int, bottom: Int, right: Int
    ) {
        switch padding {
        case .explicit(let top, let left, let bottom, let right): return (top, left, bottom, right)
        case .same:
            let down = Self.samePadding(mapHeight, height, strideDown, dilationDown)
            let across = Self.samePadding(mapWidth, width, strideAcross, dilationAcross)
            return (down / 2, across / 2, down - down / 2, across - across / 2)
        }
    }

    /// How many window positions fit, down and across; nil where none does.
    public func outputSize(height mapHeight: Int, width mapWidth: Int) -> (height: Int, width: Int)? {
        let pads = resolvedPadding(height: mapHeight, width: mapWidth)
        let down = mapHeight + pads.top + pads.bottom - (dilationDown * (height - 1) + 1)
        let across = mapWidth + pads.left + pads.right - (dilationAcross * (width - 1) + 1)
        guard down >= 0, across >= 0 else { return nil }
        return (down / strideDown + 1, across / strideAcross + 1)
    }

    private static func samePadding(_ size: Int, _ window: Int, _ stride: Int, _ dilation: Int) -> Int {
        let outputs = (size + stride - 1) / stride
        return max(0, (outputs - 1) * stride + dilation * (window - 1) + 1 - size)
    }
}
