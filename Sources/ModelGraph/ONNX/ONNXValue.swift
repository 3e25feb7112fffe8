/// What a name in an ONNX file stands for while it is imported.
enum ONNXValue {
    /// Numbers that are known.
    case constant(ONNXConstant)
    /// The result of a layer, seen through a shape of ONNX's.
    case layer(ONNXView)
    /// What a node gives that cannot be imported; thrown where the network needs it.
    case unavailable(any Error)
}

/// A layer's result as ONNX sees it: which of its dimensions stand in what order. Transposing and squeezing change the view and
/// cost nothing.
struct ONNXView {
    enum Axis: Hashable {
        case batch
        case channels
        case height
        case width
        /// Height and width as one.
        case positions
        /// A dimension of length 1 that the layer does not have.
        case one
        /// The channels in two: which group, and which of it; how many of each.
        case group(Int)
        case member(Int)
    }

    /// The layer's name.
    let layer: String
    /// The dimensions, outermost first.
    var axes: [Axis]
    /// Zeros around the map that are not there yet: the next convolution adds them.
    var padding = EdgePadding()

    /// How a layer's own result is seen.
    init(_ layer: String, of shape: FeatureShape) {
        self.layer = layer
        axes = if case .map = shape { [.batch, .channels, .height, .width] } else { [.batch, .channels] }
    }

    init(_ layer: String, axes: [Axis]) { (self.layer, self.axes) = (layer, axes) }

    /// The length of each dimension, for a layer of `shape`.
    func dimensions(of shape: FeatureShape, batch: Int) -> [Int] {
        axes.map { axis in
            switch axis {
            case .batch: batch
            case .channels: shape.dimensions[0]
            case .height: shape.height + padding.top + padding.bottom
            case .width: shape.width + padding.left + padding.right
            case .positions: shape.height * shape.width
            case .one: 1
            case .group(let count), .member(let count): count
            }
        }
    }
}

/// Rows and columns of zeros around a map.
struct EdgePadding: Hashable {
    var top = 0, left = 0, bottom = 0, right = 0

    var isNone: Bool { self == EdgePadding() }
}

extension FeatureShape {
    var channels: Int { dimensions[0] }
    var height: Int { if case .map(_, let height, _) = self { height } else { 1 } }
    var width: Int { if case .map(_, _, let width) = self { width } else { 1 } }
    var isMap: Bool { if case .map = self { true } else { false } }
}
