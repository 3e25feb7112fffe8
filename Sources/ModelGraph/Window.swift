/// How many rows and columns are added around a feature map before a window slides over it.
public enum Padding: Sendable, Hashable {
    /// The same numbers for every input.
    case explicit(top: Int, left: Int, bottom: Int, right: Int)
    /// TensorFlow's "SAME": the output is `ceil(input / stride)` wide, the odd column of padding goes right and below.
    case same
    /// The same amounts, but the odd row and column go left and above: ONNX's "SAME_LOWER".
    case sameLower

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
    /// Whether a window that hangs over the lower or right edge counts, torch.nn's `ceil_mode`; one that begins beyond the map
    /// and its upper or left padding does not. Only pooling windows can.
    public let roundsUp: Bool

    /// A window; strides and dilations default to 1.
    public init(
        height: Int, width: Int, strideDown: Int = 1, strideAcross: Int = 1, dilationDown: Int = 1,
        dilationAcross: Int = 1, padding: Padding = .all(0), roundsUp: Bool = false
    ) {
        self.height = height
        self.width = width
        self.strideDown = strideDown
        self.strideAcross = strideAcross
        self.dilationDown = dilationDown
        self.dilationAcross = dilationAcross
        self.padding = padding
        self.roundsUp = roundsUp
    }

    /// A square window with equal steps.
    public init(size: Int, stride: Int = 1, padding: Padding = .all(0), roundsUp: Bool = false) {
        self.init(
            height: size, width: size, strideDown: stride, strideAcross: stride, padding: padding, roundsUp: roundsUp)
    }

    /// The padding in numbers for a map of the given size.
    public func resolvedPadding(height mapHeight: Int, width mapWidth: Int) -> (
        top: Int, left: Int, bottom: Int, right: Int
    ) {
        if case .explicit(let top, let left, let bottom, let right) = padding { return (top, left, bottom, right) }
        let down = Self.samePadding(mapHeight, height, strideDown, dilationDown)
        let across = Self.samePadding(mapWidth, width, strideAcross, dilationAcross)
        let (top, left) = padding == .same ? (down / 2, across / 2) : ((down + 1) / 2, (across + 1) / 2)
        return (top, left, down - top, across - left)
    }

    /// The padding with what windows that hang over the edge reach beyond it.
    public func coveringPadding(height mapHeight: Int, width mapWidth: Int) -> (
        top: Int, left: Int, bottom: Int, right: Int
    ) {
        let pads = resolvedPadding(height: mapHeight, width: mapWidth)
        guard roundsUp, let outputs = outputSize(height: mapHeight, width: mapWidth) else { return pads }
        let bottom = (outputs.height - 1) * strideDown + extentDown - mapHeight - pads.top
        let right = (outputs.width - 1) * strideAcross + extentAcross - mapWidth - pads.left
        return (pads.top, pads.left, max(pads.bottom, bottom), max(pads.right, right))
    }

    /// How many window positions fit, down and across; nil where none does.
    public func outputSize(height mapHeight: Int, width mapWidth: Int) -> (height: Int, width: Int)? {
        let pads = resolvedPadding(height: mapHeight, width: mapWidth)
        let down = positions(mapHeight, pads.top, pads.bottom, extentDown, strideDown)
        let across = positions(mapWidth, pads.left, pads.right, extentAcross, strideAcross)
        guard let down, let across else { return nil }
        return (down, across)
    }

    /// Rows and columns from a window's first tap to its last.
    private var extentDown: Int { dilationDown * (height - 1) + 1 }
    private var extentAcross: Int { dilationAcross * (width - 1) + 1 }

    private func positions(_ size: Int, _ before: Int, _ after: Int, _ extent: Int, _ stride: Int) -> Int? {
        let rest = size + before + after - extent
        guard rest >= 0 else { return nil }
        let count = rest / stride + 1
        guard roundsUp, rest % stride > 0, count * stride < size + before else { return count }
        return count + 1
    }

    private static func samePadding(_ size: Int, _ window: Int, _ stride: Int, _ dilation: Int) -> Int {
        let outputs = (size + stride - 1) / stride
        return max(0, (outputs - 1) * stride + dilation * (window - 1) + 1 - size)
    }
}
