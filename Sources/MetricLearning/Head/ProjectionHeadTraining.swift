public import Tensors

extension ProjectionHead {
    /// The embeddings of a batch, `[batch, outputDimension]`, normalized with the batch's own statistics, which also enter
    /// the running ones. Traps on a batch of one row, for which PyTorch raises an error too: it has no variance.
    public mutating func forward(_ features: Matrix, workspace: inout HeadWorkspace) -> Matrix {
        checkWidth(of: features)
        precondition(
            features.rows > 1,
            "batch normalization cannot train on a batch of \(features.rows): it needs the variance of 2 rows or more")
        workspace.prepare(rows: features.rows, widths: widths, parameters: parameters)
        workspace.features = features
        for layer in 0..<layerCount {
            let input = layer == 0 ? features : workspace.layers[layer - 1].activation
            workspace.layers[layer].normalized.withUnsafeMutableElements { target in
                input.multiply(by: weight(layer), .plain, .transposed, into: target)
            }
            BatchNormalization.forward(
                &workspace.layers[layer], scale: scale(layer), shift: shift(layer), rectified: isRectified(layer))
            statistics[layer].update(with: workspace.layers[layer].moments, batch: features.rows)
        }
        batchesTracked += 1
        return workspace.layers[layerCount - 1].activation
    }

    /// Writes the derivatives of the loss by all parameters to `workspace.gradients`, and the one by the features to
    /// `workspace.inputGradient` where the workspace was made to want it.
    public func backward(_ outputGradient: Matrix, workspace: inout HeadWorkspace) {
        let batch = workspace.features.rows
        precondition(
            outputGradient.rows == batch && outputGradient.columns == outputDimension,
            "gradient [\(outputGradient.rows), \(outputGradient.columns)] of embeddings [\(batch), \(outputDimension)]")
        workspace.layers[layerCount - 1].delta = outputGradient
        for layer in (0..<layerCount).reversed() {
            BatchNormalization.backward(
                &workspace.layers[layer], scale: scale(layer), rectified: isRectified(layer))
            workspace.gradients[3 * layer + 1] = workspace.layers[layer].slopes.rows(in: 0..<1)
            workspace.gradients[3 * layer + 2] = workspace.layers[layer].slopes.rows(in: 1..<2)
            let delta = workspace.layers[layer].delta
            let input = layer == 0 ? workspace.features : workspace.layers[layer - 1].activation
            workspace.gradients[3 * layer].withUnsafeMutableElements { target in
                delta.multiply(by: input, .transposed, .plain, into: target)
            }
            if layer > 0 {
                workspace.layers[layer - 1].delta.withUnsafeMutableElements { target in
                    delta.multiply(by: weight(layer), .plain, .plain, into: target)
                }
            } else if workspace.wantsInputGradient {
                workspace.inputGradient = delta.multiplied(by: weight(0))
            }
        }
    }
}
