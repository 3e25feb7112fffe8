public import Tensors

/// The memory of a training step: what the forward pass leaves for the backward pass, and the gradients. Used again by
/// every step with batches of the same size, so that steps allocate next to nothing.
public struct HeadWorkspace: Sendable {
    /// One linear layer with its batch normalization; matrices are `[batch, width of the layer's output]`.
    struct Layer: Sendable {
        /// The linear layer's output, then the same normalized to mean 0 and variance 1 per column.
        var normalized: Matrix
        /// The layer's output, after scale, shift and ReLU.
        var activation: Matrix
        /// The derivative of the loss by `activation`, then by the linear layer's output.
        var delta: Matrix
        /// Rows: mean, biased variance and 1 / standard deviation of every column of the linear layer's output.
        var moments: Matrix
        /// Rows: the derivatives by the scale and by the shift of every column.
        var slopes: Matrix
        /// Weight, input and `delta` as the products take them in reduced precision; nil in single precision.
        var reduced: (weight: BFloat16Matrix, input: BFloat16Matrix, delta: BFloat16Matrix)?
        /// The place of the weight among the head's parameters.
        let place: Int

        init(rows: Int, _ layer: HeadLayer, _ precision: TrainingPrecision) {
            normalized = Matrix(rows: rows, columns: layer.outputs)
            activation = normalized
            delta = normalized
            place = layer.weight
            moments = Matrix(rows: 3, columns: layer.outputs)
            slopes = Matrix(rows: 2, columns: layer.outputs)
            guard precision == .bf16 else { return }
            reduced = (
                BFloat16Matrix(rows: layer.outputs, columns: layer.inputs),
                BFloat16Matrix(rows: rows, columns: layer.inputs), BFloat16Matrix(rows: rows, columns: layer.outputs)
            )
        }
    }

    /// The derivative of the loss by every parameter, in the order and shapes of the head's `parameters`. Where weight gradients are
    /// left to the optimizer, theirs have no values.
    public internal(set) var gradients: [Matrix] = []
    /// The derivative of the loss by what the first layer takes, `[batch, inputDimension]`; nil unless asked for, because
    /// frozen features have no use for it.
    public internal(set) var inputGradient: Matrix?

    let precision: TrainingPrecision
    let wantsInputGradient: Bool
    /// Whether the optimizer computes the derivatives by the layers' weights as it takes them, which leaves nobody else a look at them.
    var leavesWeightGradients = false
    /// Those, by the places of the weights among the parameters.
    private var weightGradients: [Int: PendingProduct] = [:]
    /// Whether the last step left the weights in reduced precision, so that the next forward pass need not round them.
    private var hasRoundedWeights = false
    /// The part of the batch that the rows are; nil where they are all of it.
    var share: BatchShare?
    /// What the first layer takes.
    var input = Matrix(rows: 0, columns: 0)
    var layers: [Layer] = []

    /// An empty workspace; the first `forward` gives it its memory.
    public init(precision: TrainingPrecision = .f32, wantsInputGradient: Bool = false) {
        (self.precision, self.wantsInputGradient) = (precision, wantsInputGradient)
    }

    /// Takes memory for a batch of `rows` through `layers`, unless it is there already.
    mutating func prepare(rows: Int, _ layers: [HeadLayer], parameters: [Matrix]) {
        let isPrepared = self.layers.elementsEqual(layers) {
            $0.activation.rows == rows && $0.activation.columns == $1.outputs
        }
        if !isPrepared {
            self.layers = layers.map { Layer(rows: rows, $0, precision) }
            hasRoundedWeights = false
        }
        let left = Set(leavesWeightGradients ? layers.map(\.weight) : [])
        let shapes = parameters.indices.map {
            left.contains($0) ? (0, 0) : (parameters[$0].rows, parameters[$0].columns)
        }
        if !gradients.elementsEqual(shapes, by: { ($0.rows, $0.columns) == $1 }) {
            gradients = shapes.map { Matrix(rows: $0, columns: $1) }
        }
    }

    /// What the layer takes.
    func input(of layer: Int) -> Matrix { layer == 0 ? input : layers[layer - 1].activation }
}

extension HeadWorkspace {
    /// The linear output of a layer.
    mutating func forwardProduct(_ layer: Int, weight: Matrix) -> PendingProduct {
        let input = input(of: layer)
        if !hasRoundedWeights { layers[layer].reduced?.weight.round(weight) }
        layers[layer].reduced?.input.round(input)
        guard let reduced = layers[layer].reduced else { return PendingProduct(input, .plain, weight, .transposed) }
        assert(reduced.weight == BFloat16Matrix(rounding: weight), "a weight of another step")
        return PendingProduct(reduced.input, .plain, reduced.weight, .transposed)
    }

    /// Computes the derivative by a layer's weight into the gradient at its place, unless it is left to the optimizer.
    mutating func multiplyForWeight(_ layer: Int) {
        let (delta, place) = (layers[layer].delta, layers[layer].place)
        layers[layer].reduced?.delta.round(delta)
        let product =
            layers[layer].reduced.map { PendingProduct($0.delta, .transposed, $0.input, .plain) }
            ?? PendingProduct(delta, .transposed, input(of: layer), .plain)
        guard !leavesWeightGradients else {
            weightGradients[place] = product
            return
        }
        gradients[place].withUnsafeMutableElements { product.compute(into: $0) }
        share?.group.sum(&gradients[place])
    }

    /// The derivative by what a layer takes, after `multiplyForWeight`.
    func inputProduct(_ layer: Int, weight: Matrix) -> PendingProduct {
        layers[layer].reduced.map { PendingProduct($0.delta, .plain, $0.weight, .plain) }
            ?? PendingProduct(layers[layer].delta, .plain, weight, .plain)
    }

    /// The derivatives by all parameters, for one step of the optimizer, after which `keepRoundedWeights` takes back what it wrote.
    mutating func takeGradients() -> Gradients {
        var all = gradients.map { Gradients.Gradient.values($0) }
        for (place, product) in weightGradients { all[place] = .product(product) }
        // Else the next batch would find its memory shared, and take new.
        weightGradients = [:]
        return Gradients(all, roundedWeights: leavesWeightGradients ? takeRoundedWeights() : [:])
    }

    private mutating func takeRoundedWeights() -> [Int: BFloat16Matrix] {
        var weights: [Int: BFloat16Matrix] = [:]
        for index in layers.indices {
            weights[layers[index].place] = layers[index].reduced?.weight
            layers[index].reduced?.weight = BFloat16Matrix(rows: 0, columns: 0)
        }
        return weights
    }

    /// Takes back the weights in reduced precision from the optimizer, whose step has changed them with the others.
    mutating func keepRoundedWeights(of gradients: consuming Gradients) {
        for index in layers.indices {
            guard let weight = gradients.roundedWeights[layers[index].place] else { continue }
            layers[index].reduced?.weight = weight
            hasRoundedWeights = true
        }
    }

    /// Has the next forward pass round the weights, because they are others than the last step's.
    mutating func forgetRoundedWeights() { hasRoundedWeights = false }
}
